/** What can go wrong with keeping things on the phone, each with a sentence for the person holding it. */

/** This browser cannot keep anything: private mode, storage switched off, or its storage has died. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}

/** The phone is full: nothing of the failed save was kept, everything saved before is. */
export class StoreFull extends Error {
  override name = 'StoreFull'
}

/** The file is no picture this phone can open. Nothing of it was kept. */
export class PhotoUnreadable extends Error {
  override name = 'PhotoUnreadable'
}

/** A photo the record names is no longer on the phone, so the record cannot be finished as it stands. */
export class PhotoGone extends Error {
  override name = 'PhotoGone'
}
