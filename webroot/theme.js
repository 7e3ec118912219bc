// Runs before the first paint (a classic script in <head>), so that a remembered theme does not flash.
(function () {
  const theme = localStorage.getItem('batuta.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
