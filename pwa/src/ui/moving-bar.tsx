/** Shows that work goes on whose length nobody knows. */
export function MovingBar({ words }: { words: string }) {
  return (
    <>
      <span role="status">{words}</span>
      <span class="moving" aria-hidden="true" />
    </>
  )
}
