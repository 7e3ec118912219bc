// Signing in and out.
import * as api from './api.js';
import { byId, h, text } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { model, onChange } from './model.js';
import { change, onSession, session } from './session.js';

/** The demonstration users that exist in the `demo` profile only (SPEC 8); everybody may know them. */
const DEMONSTRATION = { alice: 'password1', bob: 'password2', carol: 'pwd3', admin: 'admin' };

let why = 'signInWhy';

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

async function signIn(user, password) {
  const error = byId('login-error');
  error.hidden = true;
  try {
    await api.login(user, password);
    byId('login-form').reset();
    if (matchMedia('(pointer: fine)').matches) byId('task-form').elements.user.focus({ preventScroll: true });
  } catch (problem) {
    text(error, problem.message);
    error.hidden = false;
  }
}
