// Passkeys, where the browser has them and can verify its user: without, every page shows codes only.
// data-passkey: "make" is uncovered where one can be made on this device, "use" where one was made or used in this browser.
// data-ceremony: the authenticator is asked, and its answer is sent with the form.
(async () => {
  const api = self.PublicKeyCredential;
  if (!api?.parseCreationOptionsFromJSON || !api.prototype.toJSON) return;
  const known = "vestibule-passkey";
  const keep = () => {
    try {
      localStorage.setItem(known, "1");
    } catch {}
  };
  const uncover = (which) => {
    for (const covered of document.querySelectorAll(`[data-passkey=${which}]`)) covered.hidden = false;
  };
  const form = document.querySelector("[data-ceremony]");
  if (form) {
    const { ceremony, options } = form.dataset;
    const live = form.querySelector("[data-failed]");
    let busy = false;
    const ask = async () => {
      if (busy) return;
      busy = true;
      live.textContent = "";
      try {
        const json = JSON.parse(options);
        const made = ceremony === "create";
        const publicKey = made ? api.parseCreationOptionsFromJSON(json) : api.parseRequestOptionsFromJSON(json);
        const answer = await navigator.credentials[ceremony]({ publicKey });
        keep();
        form.elements.credential.value = JSON.stringify(answer.toJSON());
        return form.submit();
      } catch (error) {
        // There is one of this guest's here already.
        if (error?.name === "InvalidStateError") keep();
        live.textContent = live.dataset.failed;
      }
      busy = false;
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask();
    });
    // Who pressed «Sign in with a passkey» has asked for it already.
    if (ceremony === "get" && !document.querySelector(".summary")) ask();
  }
  try {
    if (localStorage.getItem(known)) uncover("use");
  } catch {}
  if (await api.isUserVerifyingPlatformAuthenticatorAvailable()) uncover("make");
})();
