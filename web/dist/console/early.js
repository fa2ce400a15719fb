// Before anything is drawn: colours, language and whether somebody is signed in, so
// that the page's first sight is the right one also while the rest is on its way.
(function () {
  var root = document.documentElement;
  function kept(store, key) {
    try {
      return window[store].getItem(key);
    } catch (_) {
      return null;
    }
  }
  var colours = kept('localStorage', 'backchannel:colours') || 'auto';
  var dark = colours === 'dark' || (colours === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  var language = kept('localStorage', 'backchannel:language') || (navigator.languages.join().match(/\b(en|ar)\b/) || ['en'])[0];
  root.lang = language;
  root.dir = language === 'ar' ? 'rtl' : 'ltr';
  if (kept('sessionStorage', 'backchannel:token') || /[#&]token=/.test(location.hash)) root.setAttribute('data-signed-in', '');
})();
