/**
 * What a page of another origin does to read a visitor's token, as text for that page to run. Everything that
 * it learns is kept in `window.known`.
 *
 * A JWT is an expression: `header.payload.signature`. Its header does not depend on the visitor, so the page
 * can know it before, and define a variable of this name. Reading a property of that variable reveals the
 * payload, and reading a property of the result reveals the signature.
 */
export const foreignPage = (header: string): string => `<!doctype html>
<meta charset="utf-8">
<title>a page of another origin</title>
<script>
  const header = ${JSON.stringify(header)};
  window.known = [];
  const know = (what) => void window.known.push(String(what));

  const teller = () => new Proxy({}, { get(_target, name) { know(String(name)); return teller(); } });

  // Traps: a variable, a getter of the global object, and a getter of Object.prototype.
  const traps = {
    none: () => {},
    variable: () => { window[header] = teller(); },
    getter: () => Object.defineProperty(window, header, { configurable: true, get: teller }),
    prototype: () => Object.defineProperty(Object.prototype, header, { configurable: true, get: teller }),
  };
  const untrap = () => { delete window[header]; delete Object.prototype[header]; };

  window.onerror = (...all) => { all.forEach(know); return true; };

  // A request that becomes a download has no end that the page can see.
  const settled = (element, ms = 3_000) => new Promise((resolve) => {
    element.onload = resolve;
    element.onerror = resolve;
    setTimeout(resolve, ms);
    document.body.append(element);
  });
  const element = (tag, properties) => settled(Object.assign(document.createElement(tag), properties));

  const script = (properties) => async (url) => {
    for (const trap of Object.values(traps)) {
      trap();
      await element('script', { src: url, ...properties });
      untrap();
    }
  };

  const worker = (make) => (url) => new Promise((resolve) => {
    try { make(url, know, resolve); } catch (error) { know(error.message); resolve(); }
    setTimeout(resolve, 3_000);
  });

  const inWorker = \`
    const teller = () => new Proxy({}, { get(_target, name) { postMessage(String(name)); return teller(); } });
    self[\${JSON.stringify(header)}] = teller();
    onmessage = ({ data }) => {
      try { importScripts(data); } catch (error) { postMessage(error.message); }
      postMessage('done');
    };\`;

  // The answer to a form is loaded into a frame of the page.
  const submitted = async (url, properties) => {
    const frame = Object.assign(document.createElement('iframe'), { name: 'answer' });
    document.body.append(frame);
    const form = Object.assign(document.createElement('form'), { action: url, target: 'answer', ...properties });
    document.body.append(form);
    form.submit();
    await new Promise((resolve) => { frame.onload = resolve; setTimeout(resolve, 500); });
    try { know(frame.contentDocument?.documentElement.innerHTML); } catch (error) { know(error.message); }
    try { know(frame.contentWindow?.document.body.textContent); } catch (error) { know(error.message); }
    frame.remove();
  };

  const textOf = (response) => response.text().then(know);

  window.attacks = {
    'a script': script({}),
    'a script that comes with CORS': script({ crossOrigin: 'anonymous' }),
    'a script that comes with CORS and cookies': script({ crossOrigin: 'use-credentials' }),
    'a script that is deferred': script({ defer: true }),
    'a module': script({ type: 'module' }),
    'a script that was loaded ahead': async (url) => {
      await element('link', { rel: 'preload', as: 'script', href: url });
      await script({})(url);
    },
    'a fetch that was loaded ahead': async (url) => {
      await element('link', { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href: url });
      await fetch(url).then(textOf, know);
    },
    'an import': (url) => import(url).then((all) => know(JSON.stringify(all)), know),
    'an import of JSON': (url) =>
      import(url, { with: { type: 'json' } }).then((all) => know(JSON.stringify(all.default)), know),
    'a script of a worker': worker((url, tell, done) => {
      const made = new Worker(URL.createObjectURL(new Blob([inWorker], { type: 'text/javascript' })));
      made.onmessage = ({ data }) => (data === 'done' ? done() : tell(data));
      made.postMessage(url);
    }),
    'a worker': worker((url, tell, done) => {
      const made = new Worker(url);
      made.onmessage = ({ data }) => tell(data);
      made.onerror = ({ message }) => { tell(message); done(); };
    }),
    'a shared worker': worker((url, tell, done) => {
      const made = new SharedWorker(url);
      made.onerror = ({ message }) => { tell(message); done(); };
    }),
    'a worklet': (url) => new AudioContext().audioWorklet.addModule(url).then(know, know),
    'a fetch': (url) => fetch(url).then(textOf, know),
    'a fetch with cookies': (url) => fetch(url, { credentials: 'include' }).then(textOf, know),
    'a fetch without CORS': (url) =>
      fetch(url, { mode: 'no-cors', credentials: 'include' }).then(textOf, know),
    'an XMLHttpRequest': (url) => new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.withCredentials = true;
      request.onloadend = () => { know(request.responseText); resolve(); };
      request.open('GET', url);
      request.send();
    }),
    'an event stream': (url) => new Promise((resolve) => {
      const stream = new EventSource(url, { withCredentials: true });
      stream.onmessage = ({ data }) => know(data);
      stream.onerror = () => { stream.close(); resolve(); };
      setTimeout(resolve, 3_000);
    }),
    'a style sheet': async (url) => {
      await element('link', { rel: 'stylesheet', href: url });
      for (const sheet of document.styleSheets) {
        try { know([...sheet.cssRules].map(({ cssText }) => cssText).join()); } catch (error) { know(error.message); }
      }
    },
    'a frame': async (url) => {
      const frame = Object.assign(document.createElement('iframe'), { src: url });
      await settled(frame, 500);
      try { know(frame.contentDocument?.documentElement.innerHTML); } catch (error) { know(error.message); }
      try { know(frame.contentWindow?.document.body.textContent); } catch (error) { know(error.message); }
      know(frame.contentWindow?.length);
    },
    'an object': async (url) => {
      const object = Object.assign(document.createElement('object'), { data: url });
      await settled(object, 500);
      try { know(object.contentDocument?.documentElement.innerHTML); } catch (error) { know(error.message); }
    },
    'an image': async (url) => {
      await element('img', { src: url });
      await element('img', { src: url, crossOrigin: 'anonymous' });
    },
    'an import of a style sheet': (url) =>
      import(url, { with: { type: 'css' } }).then((all) => know([...all.default.cssRules].map(({ cssText }) => cssText)), know),
    'a script that calls back': async (url) => {
      window.called = know;
      await script({})(url + '&callback=called&jsonp=called');
    },
    'a form': (url) => submitted(url, {}),
    'a form that is posted': (url) => submitted(url, { method: 'post' }),
    'a form that is posted as text': (url) => submitted(url, { method: 'post', enctype: 'text/plain' }),
    'a fetch that posts without CORS': (url) =>
      fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams() }).then(textOf, know),
    'a beacon': async (url) => know(navigator.sendBeacon(url, new URLSearchParams())),
    'a cache': async (url) => {
      const cache = await caches.open('all');
      const request = new Request(url, { mode: 'no-cors', credentials: 'include' });
      await cache.add(request).catch(know);
      await fetch(request).then((response) => cache.put(request, response)).catch(know);
      const kept = await caches.match(request);
      if (kept !== undefined) await textOf(kept);
    },
    'a service worker of the other origin': (url) => navigator.serviceWorker.register(url).then(know, know),
    'a service worker that fetches': async (url) => {
      const { active, installing, waiting } = await navigator.serviceWorker.register('/?worker');
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise((resolve) => {
        port1.onmessage = ({ data }) => { know(data); resolve(); };
        setTimeout(resolve, 3_000);
      });
      (active ?? installing ?? waiting).postMessage(url, [port2]);
      await answered;
    },
    'what the browser loads ahead': async (url) => {
      for (const rel of ['prefetch', 'modulepreload', 'prerender', 'dns-prefetch'])
        await settled(Object.assign(document.createElement('link'), { rel, href: url }), 300);
      const rules = JSON.stringify({ prefetch: [{ source: 'list', urls: [url] }] });
      document.head.append(Object.assign(document.createElement('script'), { type: 'speculationrules', text: rules }));
      await script({})(url);
    },
    'the times and sizes of what was loaded': async (url) => {
      await fetch(url, { mode: 'no-cors', credentials: 'include' }).catch(know);
      for (const entry of performance.getEntries()) know(JSON.stringify(entry));
    },
    'a window': async (url) => {
      const opened = window.open(url);
      await new Promise((resolve) => setTimeout(resolve, 500));
      try { know(opened.document.body.textContent); } catch (error) { know(error.message); }
      try { know(opened.location.href); } catch (error) { know(error.message); }
      opened?.close();
    },
    'a picture that is drawn': async (url) => {
      const image = new Image();
      await settled(Object.assign(image, { src: url }), 500);
      const canvas = document.createElement('canvas');
      try {
        canvas.getContext('2d').drawImage(image, 0, 0);
        know(canvas.toDataURL());
      } catch (error) { know(error.message); }
    },
    'a font': (url) => new FontFace('stolen', 'url(' + url + ')').load().then(know, know),
    'parts of a style': async (url) => {
      const parts = ['@import "URL";', '@font-face{font-family:f;src:url(URL)}', 'body{background:url(URL);cursor:url(URL),auto;mask:url(URL#a);font-family:f}'];
      const style = Object.assign(document.createElement('style'), { textContent: parts.join('').replaceAll('URL', url) });
      await settled(style, 500);
      for (const rule of style.sheet.cssRules) try { know(rule.styleSheet?.cssRules[0]?.cssText); } catch (error) { know(error.message); }
    },
    'a drawing that uses another': async (url) => {
      const drawing = document.createElement('div');
      drawing.innerHTML = '<svg><use href="' + url + '#a"/><image href="' + url + '"/></svg>';
      await settled(drawing, 500);
      know(drawing.innerHTML);
    },
    'an embedded document': async (url) => {
      const embedded = Object.assign(document.createElement('embed'), { src: url });
      await settled(embedded, 500);
      try { know(embedded.getSVGDocument()?.documentElement.innerHTML); } catch (error) { know(error.message); }
    },
    'a socket': (url) => new Promise((resolve) => {
      const socket = new WebSocket(url.replace('http', 'ws'));
      socket.onmessage = ({ data }) => know(data);
      socket.onclose = ({ reason }) => { know(reason); resolve(); };
    }),
    'a redirect through the own origin': (url) =>
      fetch('/?to=' + encodeURIComponent(url), { mode: 'no-cors', credentials: 'include' }).then(textOf, know),
    'a script through a redirect of the own origin': (url) => script({})('/?to=' + encodeURIComponent(url)),
    'a track of a video': async (url) => {
      const track = Object.assign(document.createElement('track'), { src: url, default: true });
      const video = document.createElement('video');
      document.body.append(video);
      video.append(track);
      await new Promise((resolve) => { track.onload = track.onerror = resolve; setTimeout(resolve, 500); });
      for (const cue of track.track.cues ?? []) know(cue.text);
    },
  };

  window.attack = async (name, url) => {
    window.known.length = 0;
    await window.attacks[name](url);
    return [...window.known];
  };
</script>
<body></body>`;

/** A service worker of that page: it fetches an address with cookies, and tells what it reads. */
export const foreignWorker = `
addEventListener('install', () => skipWaiting());
addEventListener('message', async ({ data, ports: [port] }) => {
  const told = [];
  for (const mode of ['no-cors', 'cors'])
    await fetch(data, { mode, credentials: 'include' }).then(
      async (response) => told.push(response.type, await response.text(), [...response.headers].join()),
      (error) => told.push(error.message),
    );
  port.postMessage(told.join());
});`;
