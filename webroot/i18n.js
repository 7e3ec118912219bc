import { words } from './words.js';

const KEY = 'batuta.language';
const listeners = new Set();
let language = localStorage.getItem(KEY) ?? preferred();

function preferred() {
  return (navigator.languages ?? [navigator.language]).map((tag) => tag.slice(0, 2)).find((tag) => tag in words) ?? 'en';
}

export const languageTag = () => (language === 'pt' ? 'pt-BR' : 'en');

/** The sentence under `key`, its `{name}` places filled. Durations and counts come in already formatted. */
export function t(key, places = {}) {
  return filled(words[language][key] ?? words.en[key] ?? key, places);
}

/** The same, but nothing where this language has no such sentence. */
export function translated(key, places = {}) {
  const sentence = words[language][key];
  return sentence && filled(sentence, places);
}

const filled = (sentence, places) => sentence.replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);

/** Speaks another language from now on, and remembers it. */
export function speak(next) {
  language = next;
  localStorage.setItem(KEY, next);
  translatePage();
  listeners.forEach((listener) => listener());
}

export const otherLanguage = () => (language === 'pt' ? 'en' : 'pt');

export const onLanguage = (listener) => listeners.add(listener);

/** Fills what index.html marks: data-i18n the text, data-i18n-label the aria-label, data-i18n-placeholder the placeholder. */
export function translatePage() {
  document.documentElement.lang = languageTag();
  for (const element of document.querySelectorAll('[data-i18n]')) element.textContent = t(element.dataset.i18n);
  for (const element of document.querySelectorAll('[data-i18n-label]')) element.setAttribute('aria-label', t(element.dataset.i18nLabel));
  for (const element of document.querySelectorAll('[data-i18n-placeholder]')) element.placeholder = t(element.dataset.i18nPlaceholder);
}

export function number(value, digits = 0) {
  if (value === null || value === undefined) return '–';
  return new Intl.NumberFormat(languageTag(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** Milliseconds with their sign: +0.4, −2,000. */
export function signed(value, digits = 1) {
  if (value === null || value === undefined) return '–';
  return new Intl.NumberFormat(languageTag(), {
    minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'exceptZero',
  }).format(value).replace('-', '−');
}

export function clockTime(instant) {
  return new Intl.DateTimeFormat(languageTag(), { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })
    .format(new Date(instant));
}

export function dateTime(instant) {
  return new Intl.DateTimeFormat(languageTag(), { dateStyle: 'short', timeStyle: 'short' }).format(new Date(instant));
}

/** A decimal amount as the ledger gives it (text, two decimals), grouped for reading; never through a float. */
export function money(amount) {
  if (amount === null || amount === undefined) return '–';
  const [whole, cents = '00'] = String(amount).split('.');
  const [group, point] = language === 'pt' ? ['.', ','] : [',', '.'];
  return whole.replace('-', '−').replace(/\B(?=(\d{3})+$)/g, group) + point + cents;
}

/** 12 s, 3 min, 2 h. */
export function duration(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
