/** Advice: every card, searched with no signal, grouped by whom it is for. */
import { useState } from 'preact/hooks'
import { audienceName, byAudience, found } from '../advice.ts'
import { cards } from '../store/index.ts'
import { Icon } from '../ui/icons.tsx'
import { words } from '../ui/words.ts'
import { Frame } from './frame.tsx'
import { useStored } from './stored.ts'
import '../style/advice.css'

export function AdviceScreen() {
  const all = useStored(cards)
  const [search, setSearch] = useState('')
  const shown = all && found(all, search)
  return (
    <Frame title="Advice" back={{ to: '/', name: words.home }}>
      <div class="search">
        <label for="search">Search</label>
        <input
          id="search"
          class="box"
          type="search"
          enterkeyhint="search"
          autocomplete="off"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      {all?.length === 0 && (
        <p class="nothing">
          <Icon name="download" />
          The cards come with the first signal.
        </p>
      )}
      <p class="hidden-words" role="status">
        {search && shown ? `${shown.length} found` : ''}
      </p>
      {all && all.length > 0 && shown?.length === 0 && (
        <p class="nothing">
          <Icon name="search" />
          No card has these words.
        </p>
      )}
      {shown &&
        byAudience(shown).map(({ audience, cards: of }) => (
          <section key={audience} aria-labelledby={`for-${audience}`}>
            <h2 id={`for-${audience}`}>{audienceName(audience)}</h2>
            <ul class="rows">
              {of.map((card) => (
                <li key={card.code}>
                  <a class="row" href={`#/advice/${card.code}`}>
                    <span class="thumbnail">
                      <Icon name="book-open" />
                    </span>
                    <span class="about">
                      <span class="title">{card.title}</span>
                    </span>
                    <Icon name="chevron-right" />
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ))}
    </Frame>
  )
}
