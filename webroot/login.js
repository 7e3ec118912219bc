// Signing in and out.
import * as api from './api.js';
import { byId, h, text } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { model, onChange } from './model.js';
import { change, onSession, session } from './session.js';

/** The demonstration users that exist in the `demo` profile only (SPEC 8); everybody may know them. */
const DEMONSTRATION = { alice: 'password1', bob: 'password2', carol: 'pwd3', admin: 'admin' };

const TRIES = 5;
const RETRY_MILLIS = 1_500;

let why = 'signInWhy';
/** Who is signed in now: one that is still tried ends when another begins, and does not overtake that. */
let trying = new AbortController();

export function mountLogin() {
  const form = byId('login-form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    signIn(form.elements.user.value.trim(), form.elements.password.value);
  });
  byId('demo-choices').append(...Object.entries(DEMONSTRATION).map(([user, password]) =>
    h('button', { type: 'button', class: 'plain', 'data-demo-user': user, onclick: () => signIn(user, password) }, user)));
  byId('sign-out').addEventListener('click', () => change(null));
  byId('go-sign-in').addEventListener('click', () => {
    byId('login').scrollIntoView({ block: 'center' });
    (model.profile === 'demo' ? byId('demo-choices').firstElementChild : form.elements.user).focus({ preventScroll: true });
  });
  onSession((now, reason) => {
    why = reason ?? 'signInWhy';
    draw();
  });
  onChange(['nodes'], draw);
  onLanguage(draw);
  draw();
}

/** The cluster does not show itself to strangers (outside the `demo` profile). */
export function askToSignIn() {
  why = 'signInToSee';
  draw();
}

function draw() {
  const user = session()?.user;
  byId('login').hidden = Boolean(user);
  byId('who').hidden = !user;
  byId('go-sign-in').hidden = Boolean(user);
  byId('jump-sign-in').hidden = Boolean(user);
  for (const element of document.querySelectorAll('[data-private]')) element.hidden = !user;
  byId('demo-users').hidden = model.profile !== 'demo';
  text(byId('who-name'), user ?? '');
  text(byId('login-why'), t(why));
}

/** Signs in; while the node does not answer, or is not ready, it is asked again: nothing happens twice by that. */
async function signIn(user, password) {
  const error = byId('login-error');
  trying.abort();
  trying = new AbortController();
  const { signal } = trying;
  error.hidden = true;
  for (let left = TRIES - 1; !signal.aborted; left--) {
    try {
      await api.login(user, password, signal);
      error.hidden = true;
      byId('login-form').reset();
      if (matchMedia('(pointer: fine)').matches) byId('task-form').elements.user.focus({ preventScroll: true });
      return;
    } catch (problem) {
      if (signal.aborted) return;
      text(error, problem.message);
      error.hidden = false;
      if (left === 0 || !(problem.unknown || problem.status === 503)) return;
      await new Promise((again) => setTimeout(again, RETRY_MILLIS));
    }
  }
}
