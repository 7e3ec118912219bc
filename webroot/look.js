// Theme and language, remembered.
import { attribute, byId, s } from './dom.js';
import { onLanguage, otherLanguage, speak, t } from './i18n.js';

const THEMES = ['auto', 'light', 'dark'];
const KEY = 'batuta.theme';
const ICONS = {
  auto: ['M12 3a9 9 0 1 0 0 18Z', 'M12 3a9 9 0 0 1 0 18'],
  light: ['M12 7.500a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z', 'M12 1.500v3M12 19.500v3M1.5 12h3M19.5 12h3M4.6 4.600l2.1 2.100M17.3 17.300l2.1 2.100M4.6 19.400l2.1-2.100M17.3 6.700l2.1-2.1'],
  dark: ['M20 14.500A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.500Z', ''],
};

let theme = localStorage.getItem(KEY) ?? 'auto';

export function mountLook() {
  byId('language').addEventListener('click', () => speak(otherLanguage()));
  byId('theme').addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    localStorage.setItem(KEY, theme);
    draw();
  });
  onLanguage(draw);
  draw();
}

function draw() {
  attribute(document.documentElement, 'data-theme', theme === 'auto' ? null : theme);
  const label = t(`theme${theme[0].toUpperCase()}${theme.slice(1)}`);
  attribute(byId('theme'), 'aria-label', label);
  attribute(byId('theme'), 'title', label);
  const [solid, line] = ICONS[theme];
  byId('theme').replaceChildren(s('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, s('path', { d: solid }), s('path', { class: 'line', d: line })));
  attribute(byId('language'), 'lang', otherLanguage() === 'pt' ? 'pt-BR' : 'en');
}
