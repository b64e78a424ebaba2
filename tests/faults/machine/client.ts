/** What a screen or a tab may ask of the phone's half of Beatbook. Bundled anew for each kind of client under test. */
export { openStore, startDraft, saveDraft, addPhoto, finish, pullBack, tryAgain, records, form } from '../../../pwa/src/store/index.ts'
export { lockState } from '../../../pwa/src/store/lock.ts'
export { people, setUp, unlock } from '../../../pwa/src/store/keyring.ts'
export { read } from '../../../pwa/src/store/database.ts'
export { startSync, sendNow, syncStatus } from '../../../pwa/src/sync/index.ts'
export { enrol } from '../../../pwa/src/session.ts'
