/** A problem the server or the network answered with, in words for the person (RFC 9457 with Beatbook's `client` hint). */

export type Client = 'retry' | 'wait' | 'sign-in' | 'attention' | 'stop'

export class Problem extends Error {
  override name = 'Problem'
  readonly title: string
  readonly detail: string
  readonly client: Client

  constructor(title: string, detail: string, client: Client) {
    super(detail)
    this.title = title
    this.detail = detail
    this.client = client
  }
}
