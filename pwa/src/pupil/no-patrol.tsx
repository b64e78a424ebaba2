/** The pupils' tablet between patrols: one calm page and nothing behind it. */
import { useEffect } from 'preact/hooks'

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
        </div>
      </main>
    </div>
  )
}

/** Drawn here: a school gate on a clear morning, closed for now. */
function SchoolGate() {
  return (
    <svg class="gate" viewBox="0 0 240 200" aria-hidden="true" focusable="false">
      <circle class="sun" cx="186" cy="46" r="22" />
      <path class="hill" d="M0 158c40-26 80-30 120-18s84 10 120-12v72H0z" />
      <path class="post" d="M34 76h18v104H34zM188 76h18v104h-18zM30 66h26l-13-16zM184 66h26l-13-16z" />
      <path class="bars" d="M58 100h60v76H58zM122 100h60v76h-60zM73 100v76M88 100v76M103 100v76M137 100v76M152 100v76M167 100v76" />
      <path class="latch" d="M110 134h20v14h-20z" />
    </svg>
  )
}
