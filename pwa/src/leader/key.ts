/** The key with which this phone signs the patrols it opens: made here, its private half never leaves. */
import { newSigner, type Signer } from '../patrols/patrol.ts'
import { device } from '../session.ts'
import { meta, setMeta } from '../store/database.ts'
import { setSigner, signer } from '../store/patrols.ts'
import { ask } from '../sync/server.ts'

const SHOWN = 'signerShown'

/** This phone's key, made the first time it is wanted. */
export async function ownSigner(): Promise<Signer> {
  const known = await signer()
  if (known) return known
  const made = await newSigner()
  await setSigner(made)
  return made
}

/** Shows the public half to the server, once for each key and set-up; tablets fetch it there. Without a signal: next time. */
export async function showKey(): Promise<void> {
  const owner = await device()
  if (!owner) return
  const { keyId, publicKey } = await ownSigner()
  const shown = `${owner.deviceId} ${keyId}`
  if ((await meta<string>(SHOWN)) === shown) return
  try {
    await ask('/api/patrols/key', { method: 'POST', body: JSON.stringify({ publicKey }), serverId: owner.serverId })
    await setMeta(SHOWN, shown)
  } catch {
    // no signal: it is shown at the next start, and tablets that do not know it say so
  }
}
