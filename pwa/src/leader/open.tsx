/** Opens a pupils' patrol, with a signal or without: where, who, four confirmations, the briefing large, a PIN. */
import { useEffect, useState } from 'preact/hooks'
import { Frame } from '../app/frame.tsx'
import { goInstead } from '../app/route.ts'
import { rulesFor } from '../app/rules.ts'
import { useStored } from '../app/stored.ts'
import { reportTrouble } from '../app/trouble.tsx'
import { newCode, newSalt, pinCheckOf, signed } from '../patrols/patrol.ts'
import { animals } from '../pupil/pictures/animals.tsx'
import { finish, form as formOf, list, startDraft } from '../store/index.ts'
import { isoTime } from '../store/ids.ts'
import { rules, saveLed, type PatrolRules } from '../store/patrols.ts'
import type { Answers, Form } from '../types.ts'
import { Below } from '../ui/below.tsx'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Notice } from '../ui/notice.tsx'
import { Counter, Pick } from './fields.tsx'
import { ownSigner } from './key.ts'
import { BRIEFING } from './words.ts'

type Row = Record<string, string>

interface Materials {
  form: Form
  schools: Row[]
  places: Row[]
  rules: PatrolRules
}

const MOST_TEAMS = 4
const MINUTES: [string, string][] = [
  ['20', '20 min'],
  ['30', '30 min'],
  ['40', '40 min'],
  ['60', '1 hour'],
  ['90', '1½ hours'],
]
const CONFIRMATIONS = ['permission_confirmed', 'risk_checked', 'hi_vis'] as const

interface Told {
  school: string[]
  window: string[]
  spots: string[]
  teams: string[]
  year_groups: string[]
  adults: number
  pupils: number
  school_adult: string[]
  confirmed: string[]
  briefedAt: string | null
  photos: boolean
  minutes: string[]
  pin: string
}

const START: Told = {
  school: [],
  window: [],
  spots: [],
  teams: [],
  year_groups: ['y5', 'y6'],
  adults: 2,
  pupils: 4,
  school_adult: [],
  confirmed: [],
  briefedAt: null,
  photos: false,
  minutes: ['40'],
  pin: '',
}

export function OpenPatrol() {
  const found = useStored(materials)
  const [told, setTold] = useState<Told>({ ...START, window: [new Date().getHours() < 12 ? 'am_drop' : 'pm_pick'] })
  const [tried, setTried] = useState(false)
  const [reading, setReading] = useState(false)
  if (found === undefined) return null
  if (found === null)
    return (
      <Frame title="Open a patrol" back={{ to: '/patrol', name: 'Patrols' }}>
        <Notice tone="waiting" icon="download" title="The schools have not reached this phone yet">
          They come with the first signal.
        </Notice>
      </Frame>
    )
  const set = (more: Partial<Told>) => setTold({ ...told, ...more })
  if (reading)
    return (
      <Briefing
        onBack={() => setReading(false)}
        onRead={() => {
          set({ briefedAt: isoTime() })
          setReading(false)
        }}
      />
    )
  const school = found.schools.find((row) => row['name'] === told.school[0])
  const mayPhoto = Boolean(school?.['photo_agreed_on'] && school?.['dpia_ref'])
  const wrong = problemsOf(told, found, school)
  const problem = (name: keyof typeof wrong) => (tried ? wrong[name] : undefined)
  const choices = (name: string): [string, string][] =>
    found.form.fields.find((field) => field.name === name)?.choices?.map((one) => [one.name, one.label]) ?? []
  const open = async () => {
    setTried(true)
    const first = Object.keys(wrong)[0]
    if (first) {
      document.querySelector(`[data-path="${first}"]`)?.scrollIntoView({ block: 'center' })
      return
    }
    await opened(found.form, told, school!, mayPhoto).then((id) => goInstead(`/patrol/${id}`), reportTrouble)
  }
  return (
    <Frame
      title="Open a patrol"
      back={{ to: '/patrol', name: 'Patrols' }}
      formOpen
      bottom={
        <>
          {tried && Object.keys(wrong).length > 0 && (
            <p class="says tone-bad" role="status">
              <Icon name="circle-alert" />
              {Object.keys(wrong).length} {Object.keys(wrong).length === 1 ? 'thing is' : 'things are'} still missing.
            </p>
          )}
          <Button kind="primary" icon="footprints" onPress={open}>
            Open the patrol
          </Button>
        </>
      }
    >
      <Pick
        name="school"
        label="School"
        problem={problem('school')}
        choices={found.schools.map((row) => [row['name']!, row['label']!])}
        chosen={told.school}
        onChange={(chosen) => set({ school: chosen, spots: [], photos: false })}
      />
      <Pick
        name="window"
        label="When"
        choices={choices('window')}
        chosen={told.window}
        onChange={(window) => set({ window })}
      />
      {school && (
        <Pick
          name="spots"
          label="Spots you will watch"
          many
          problem={problem('spots')}
          choices={found.places
            .filter((row) => row['school'] === school['name'])
            .map((row) => [row['name']!, row['label']!])}
          chosen={told.spots}
          onChange={(spots) => set({ spots })}
        />
      )}
      <Pick
        name="teams"
        label="Teams"
        hint="One to four, each with a tablet and a grown-up near"
        many
        pictures={animals}
        problem={problem('teams')}
        choices={choices('teams')}
        chosen={told.teams}
        onChange={(teams) => set({ teams: teams.slice(0, MOST_TEAMS) })}
      />
      <Counter
        name="adults"
        label="Adults on the street"
        value={told.adults}
        least={1}
        most={10}
        problem={problem('adults')}
        onChange={(adults) => set({ adults })}
      />
      <Counter
        name="pupils"
        label="Pupils on the street"
        hint={`At most ${found.rules.pupilsPerAdult} for each adult. A number only, no names.`}
        value={told.pupils}
        least={1}
        most={12}
        problem={problem('pupils')}
        onChange={(pupils) => set({ pupils })}
      />
      <Pick
        name="year_groups"
        label="Year groups"
        many
        problem={problem('year_groups')}
        choices={choices('year_groups')}
        chosen={told.year_groups}
        onChange={(year_groups) => set({ year_groups })}
      />
      <Pick
        name="school_adult"
        label="School adult with you"
        problem={problem('school_adult')}
        choices={choices('school_adult')}
        chosen={told.school_adult}
        onChange={(school_adult) => set({ school_adult })}
      />
      <Pick
        name="confirmed"
        label="Before you go out"
        many
        problem={problem('confirmed')}
        choices={CONFIRMATIONS.map((name) => [
          name,
          found.form.fields.find((field) => field.name === name)?.label ?? name,
        ])}
        chosen={told.confirmed}
        onChange={(confirmed) => set({ confirmed })}
      />
      <div class={`question ${problem('briefing') ? 'wrong' : ''}`} data-path="briefing">
        <p class="asks">Safety briefing</p>
        <Below id="briefing" problem={problem('briefing')} />
        {told.briefedAt ? (
          <p class="briefed">
            <Icon name="circle-check" />
            Read out at {told.briefedAt.slice(11, 16)}
          </p>
        ) : (
          <Button kind="large" icon="megaphone" onPress={() => setReading(true)}>
            Read the briefing out
          </Button>
        )}
      </div>
      {mayPhoto ? (
        <Pick
          name="photos"
          label="Pupil photos"
          hint="Wheels and lines only. Everything is covered before it is kept."
          choices={[
            ['off', 'Off'],
            ['masked', 'With everything covered'],
          ]}
          chosen={[told.photos ? 'masked' : 'off']}
          onChange={([chosen]) => set({ photos: chosen === 'masked' })}
        />
      ) : (
        school && <p class="quiet photos-off">Photos stay off: this school has not agreed to them.</p>
      )}
      <Pick
        name="minutes"
        label="The patrol lasts"
        choices={MINUTES}
        chosen={told.minutes}
        onChange={(minutes) => set({ minutes })}
      />
      <div class={`question ${problem('pin') ? 'wrong' : ''}`} data-path="pin">
        <label class="asks" for="pin">
          PIN for grown-ups
        </label>
        <Below
          id="pin"
          hint="Four digits for this patrol. Tell the other adults, not the pupils."
          problem={problem('pin')}
        />
        <input
          id="pin"
          class="box pin-box"
          inputMode="numeric"
          autoComplete="off"
          maxLength={4}
          value={told.pin}
          onInput={(event) => {
            event.currentTarget.value = event.currentTarget.value.replace(/\D/g, '').slice(0, 4)
            set({ pin: event.currentTarget.value })
          }}
        />
      </div>
    </Frame>
  )
}

/** C3, one large sentence after another, to read out with the pupils around. */
function Briefing({ onBack, onRead }: { onBack: () => void; onRead: () => void }) {
  const [at, setAt] = useState(0)
  const isLast = at === BRIEFING.length - 1
  useEffect(() => {
    document.title = 'Read this out'
  }, [])
  return (
    <div class="briefing-page">
      <main>
        <h1 class="briefing-title">
          Read this out{' '}
          <span>
            {at + 1} of {BRIEFING.length}
          </span>
        </h1>
        <p class="briefing-words" aria-live="polite">
          {BRIEFING[at]}
        </p>
        <div class="briefing-buttons">
          <Button kind="large" icon="arrow-left" onPress={() => (at === 0 ? onBack() : setAt(at - 1))}>
            Back
          </Button>
          <Button
            kind="primary"
            icon={isLast ? 'check' : 'arrow-right'}
            onPress={() => (isLast ? onRead() : setAt(at + 1))}
          >
            {isLast ? 'All read out' : 'Next'}
          </Button>
        </div>
      </main>
    </div>
  )
}

type Wrong = Partial<
  Record<
    | 'school'
    | 'spots'
    | 'teams'
    | 'adults'
    | 'pupils'
    | 'year_groups'
    | 'school_adult'
    | 'confirmed'
    | 'briefing'
    | 'pin',
    string
  >
>

/** MT5 and MT6, as the server holds them too. */
export function problemsOf(told: Told, found: { rules: PatrolRules }, school: Row | undefined): Wrong {
  const { pupilsPerAdult, leastAdults } = found.rules
  const wrong: Wrong = {}
  if (!school) wrong.school = 'Choose the school.'
  else if (!school['dpia_ref'])
    wrong.school = 'This school has no data protection assessment on its record. Ask your supervisor.'
  if (school && told.spots.length === 0) wrong.spots = 'Choose at least one spot.'
  if (told.teams.length === 0) wrong.teams = 'Choose one to four teams.'
  if (told.adults < leastAdults) wrong.adults = `At least ${leastAdults} adults must be on the street.`
  if (told.pupils > told.adults * pupilsPerAdult)
    wrong.pupils = `${told.pupils} pupils need ${Math.ceil(told.pupils / pupilsPerAdult)} adults.`
  if (told.year_groups.length === 0) wrong.year_groups = 'Choose the year groups.'
  if (told.school_adult.length === 0) wrong.school_adult = 'Say who from the school is with you.'
  if (told.confirmed.length < CONFIRMATIONS.length) wrong.confirmed = 'All three must be so before pupils go out.'
  if (!told.briefedAt) wrong.briefing = 'Read the briefing out to the pupils.'
  if (!/^\d{4}$/.test(told.pin)) wrong.pin = 'Choose four digits.'
  return wrong
}

/** Freezes the opening like any record, so that it is delivered whenever there is a signal, and signs it for the tablets. */
async function opened(form: Form, told: Told, school: Row, mayPhoto: boolean): Promise<string> {
  const [now, pinSalt] = [Date.now(), newSalt()]
  const startsAt = isoTime(now)
  const endsAt = isoTime(now + Number(told.minutes[0]) * 60_000)
  const pinCheck = await pinCheckOf(told.pin, pinSalt)
  const code = newCode()
  const answers: Answers = {
    school: school['name'],
    window: told.window[0],
    spots: told.spots,
    teams: told.teams,
    year_groups: told.year_groups,
    adults: told.adults,
    pupils: told.pupils,
    school_adult: told.school_adult[0],
    ...Object.fromEntries(CONFIRMATIONS.map((name) => [name, told.confirmed.includes(name) ? 'yes' : undefined])),
    briefing_read: 'yes',
    briefed_at: told.briefedAt,
    ends_at: endsAt,
    photos: mayPhoto && told.photos ? 'masked' : 'off',
    join_code: code,
    pin_salt: pinSalt,
    pin_check: pinCheck,
  }
  const draft = await startDraft(form, { answers })
  const patrol = {
    patrolId: draft.instanceId,
    school: school['name']!,
    schoolName: school['label']!,
    spots: told.spots,
    teams: told.teams,
    startsAt,
    endsAt,
    photos: mayPhoto && told.photos ? ('masked' as const) : ('off' as const),
    pinSalt,
    pinCheck,
  }
  const line = await signed(patrol, await ownSigner())
  await saveLed({
    ...patrol,
    window: told.window[0]!,
    code,
    adults: told.adults,
    pupils: told.pupils,
    line,
    state: 'open',
    closedAt: null,
  })
  await finish(draft, form, (await rulesFor(form)).titleOf(answers))
  return draft.instanceId
}

async function materials(): Promise<Materials | null> {
  const form = await formOf('pupil_patrol')
  const [schools, places] = await Promise.all([list('schools'), list('school_places')])
  return form && schools.length ? { form, schools, places, rules: await rules() } : null
}
