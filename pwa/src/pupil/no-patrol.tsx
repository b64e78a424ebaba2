/** The pupils' tablet between patrols: one calm page and nothing behind it. */
import { useEffect } from 'preact/hooks'
import { Icon } from '../ui/icons.tsx'

export function NoPatrol() {
  useEffect(() => {
    document.title = 'Beatbook'
  }, [])
  return (
    <div class="pupil">
      <main>
        <SchoolGate />
        <div class="words">
          <h1>No patrol is open.</h1>
          <p>Ask your grown-up to open one.</p>
          <p>
            <a class="button large classroom" href="#/studio">
              <Icon name="brush" />
              Draw a ticket
            </a>
            <a class="button large classroom" href="#/wow">
              <Icon name="footprints" />
              Walk to school
            </a>
          </p>
        </div>
      </main>
    </div>
  )
}

/** Drawn here: a school gate on a clear morning, closed for now. */
function SchoolGate() {
  return (
    <svg class="gate" viewBox="0 0 240 200" aria-hidden="true" focusable="false">
      <circle class="sun" cx="121" cy="60" r="26" />
      <ellipse class="ground" cx="120" cy="176" rx="118" ry="20" />
      <path class="post" d="M34 68h18v112H34zM188 68h18v112h-18zM28 68l15-20 15 20zM182 68l15-20 15 20z" />
      <path
        class="bars"
        d="M58 98h60v78H58zM122 98h60v78h-60zM73 98v78M88 98v78M103 98v78M137 98v78M152 98v78M167 98v78"
      />
      <path class="latch" d="M108 132h24v16h-24z" />
    </svg>
  )
}
