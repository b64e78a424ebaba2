// @ts-check
/** Passkeys at the desk: the browser makes one, or shows one. Without them the password form beside it does. */

const NOT_NOW = 'No passkey was shown. Try again, or use your password.';

for (const place of document.querySelectorAll('[data-passkey]')) {
  if (place instanceof HTMLElement && 'PublicKeyCredential' in window) prepare(place);
}

/** @param {HTMLElement} place */
function prepare(place) {
  const button = place.querySelector('button');
  const trouble = place.querySelector('[role=alert]');
  if (!button || !(trouble instanceof HTMLElement)) return;
  place.hidden = false;
  button.addEventListener('click', async () => {
    trouble.hidden = true;
    button.disabled = true;
    try {
      await ask(place);
    } catch (error) {
      trouble.textContent = error instanceof Refused ? error.message : NOT_NOW;
      trouble.hidden = false;
      button.disabled = false;
    }
  });
}

class Refused extends Error {}

/** @param {HTMLElement} place */
async function ask(place) {
  const making = place.dataset.make !== undefined;
  const options = await post(String(place.dataset.options), '');
  const credential = making
    ? await navigator.credentials.create({ publicKey: forMaking(options) })
    : await navigator.credentials.get({ publicKey: forShowing(options) });
  if (!(credential instanceof PublicKeyCredential)) throw new Error('no credential');
  const label = place.querySelector('input');
  const query = label ? `?label=${encodeURIComponent(label.value)}` : '';
  const { to } = await post(place.dataset.passkey + query, JSON.stringify(inWords(credential)));
  location.assign(to);
}

/** @param {string} address @param {string} body @returns {Promise<any>} */
async function post(address, body) {
  const answer = await fetch(address, { method: 'POST', body, headers: { accept: 'application/json' } });
  const type = answer.headers.get('content-type') ?? '';
  if (answer.ok && type.startsWith('application/json')) return answer.json();
  throw new Refused('That passkey was not accepted. Try again, or use your password.');
}

/** @param {any} options @returns {PublicKeyCredentialCreationOptions} */
function forMaking(options) {
  return {
    ...options,
    challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: options.excludeCredentials.map(withBytes),
  };
}

/** @param {any} options @returns {PublicKeyCredentialRequestOptions} */
function forShowing(options) {
  return { ...options, challenge: bytesOf(options.challenge), allowCredentials: [] };
}

/** @param {{ id: string, type: 'public-key' }} known */
function withBytes(known) {
  return { ...known, id: bytesOf(known.id) };
}

/** The credential as the server reads it; older browsers lack toJSON(). @param {PublicKeyCredential} credential */
function inWords(credential) {
  const response = /** @type {any} */ (credential.response);
  /** @type {Record<string, string>} */
  const said = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (response[name]) said[name] = textOf(response[name]);
  }
  return { id: credential.id, rawId: textOf(credential.rawId), type: credential.type, response: said };
}

/** @param {string} text base64url */
function bytesOf(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} bytes */
function textOf(bytes) {
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
