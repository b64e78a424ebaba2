/** Asking the server for a piece of a page, or telling it something, and what to do when it does not answer. */

/** A piece of a page as a document of its own. XMLHttpRequest parses it without ever running a script in it, and so needs no policy of
 * trusted types. */
export function piece(address: string): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('GET', address)
    request.responseType = 'document'
    request.onload = () => {
      const isOurs = request.status === 200 && request.getResponseHeader('Beatbook-Server') !== null
      if (isOurs && request.responseXML) resolve(request.responseXML)
      else reject(new Refused(request.status, 'The server did not answer as expected.'))
    }
    request.onerror = () => reject(new Refused(0, NO_ANSWER))
    request.send()
  })
}

/** Tell the server something. The answer is what it says in JSON. */
export async function tell(address: string, fields?: FormData | URLSearchParams): Promise<Record<string, unknown>> {
  const body = new URLSearchParams()
  fields?.forEach((value, name) => body.append(name, String(value)))
  let answer: Response
  try {
    answer = await fetch(address, { method: 'POST', headers: { Accept: 'application/json' }, body })
  } catch {
    throw new Refused(0, NO_ANSWER)
  }
  if (answer.redirected) throw new Refused(401, 'You have been signed out. Sign in again; nothing was decided.')
  const said: unknown = await answer.json().catch(() => ({}))
  const words = said !== null && typeof said === 'object' ? (said as Record<string, unknown>) : {}
  if (!answer.ok) throw new Refused(answer.status, String(words.detail ?? 'It was not taken.'))
  return words
}

const NO_ANSWER = 'The server did not answer.'

export class Refused extends Error {
  readonly status: number
  constructor(status: number, words: string) {
    super(words)
    this.status = status
  }
}
