/** One request to our server: how long it may take, whether the answer is ours at all, and what a problem means for the sender. */
import { Problem, type Client } from '../problem.ts'
import type { GivenOrder } from '../store/orders.ts'

/** Nothing came back: no network, no server, or too slow to count on. */
export class NoSignal extends Error {
  override name = 'NoSignal'
}

/** Something answered that is not our server: a hotel's Wi-Fi page, a proxy. It counts as no answer. */
export class NotOurs extends Error {
  override name = 'NotOurs'
}

/** Another Beatbook than the one this phone is set up with, such as a restored test copy: it gets nothing. */
export class OtherServer extends NotOurs {
  override name = 'OtherServer'
}

/** Our server answered with a problem about the whole request. */
export class ServerProblem extends Problem {
  override name = 'ServerProblem'
  readonly status: number
  readonly type: string
  /** When the server wants to be asked again, in milliseconds from now, if it said. */
  readonly retryAfter: number | null
  /** What a phone that is refused has to do. */
  readonly order: GivenOrder | undefined

  constructor(
    status: number,
    body: Partial<Record<'type' | 'title' | 'detail' | 'client', string>> & { order?: GivenOrder },
    retryAfter: number | null,
  ) {
    super(
      body.title ?? 'Something went wrong',
      body.detail ?? `The server answered ${status}.`,
      clientOf(status, body.client),
    )
    this.status = status
    this.type = body.type ?? 'about:blank'
    this.retryAfter = retryAfter
    this.order = body.order
  }
}

interface Asking {
  method?: 'GET' | 'POST'
  body?: FormData | string
  /** How many bytes go up, for the time allowed. */
  size?: number
  report?: string
  /** The server this phone is enrolled with; null while it is not. */
  serverId: string | null
}

const PATIENCE = 20_000 // the slowest honest answer on 2G with a cold start
const SLOWEST_LINK = 20 // bytes a millisecond: below 20 kB/s a smaller batch is the better try

/** Answers the body, and the id of the server it came from. */
export async function ask<T>(
  path: string,
  { method = 'GET', body, size = 0, report, serverId }: Asking,
): Promise<{ body: T; serverId: string }> {
  const response = await reach(path, {
    method,
    body: body ?? null,
    cache: 'no-store',
    credentials: 'same-origin',
    redirect: 'error',
    headers: headersFor(body, report),
    signal: AbortSignal.timeout(Math.ceil(PATIENCE + size / SLOWEST_LINK)),
  })
  const answeredBy = response.headers.get('Beatbook-Server')
  if (!answeredBy) throw new NotOurs(`${path} was answered by somebody else (${response.status})`)
  if (serverId !== null && answeredBy !== serverId) throw new OtherServer(`${path} was answered by ${answeredBy}`)
  const json = await jsonOf(response)
  if (response.ok && json !== null) return { body: json as T, serverId: answeredBy }
  throw new ServerProblem(response.status, (json ?? {}) as Record<string, string>, retryAfterOf(response))
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init)
  } catch (error) {
    throw new NoSignal(`${path} was not answered`, { cause: error })
  }
}

function headersFor(body: FormData | string | undefined, report: string | undefined): Record<string, string> {
  return {
    Accept: 'application/json',
    ...(typeof body === 'string' ? { 'Content-Type': 'application/json' } : {}),
    ...(report ? { 'Beatbook-Report': report } : {}),
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw new NoSignal('the answer broke off', { cause: error })
  }
}

function retryAfterOf(response: Response): number | null {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null
}

function clientOf(status: number, said: string | undefined): Client {
  if (status === 401) return 'sign-in'
  if (status === 403 && said !== 'attention') return 'stop'
  if (status >= 500 || status === 429) return 'wait'
  return CLIENTS.includes(said as Client) ? (said as Client) : 'attention'
}

const CLIENTS: Client[] = ['retry', 'wait', 'sign-in', 'attention', 'stop']
