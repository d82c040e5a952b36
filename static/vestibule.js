// All of it is a convenience: every page works without.
// data-go: leaves for the app at once. time: in the visitor's own zone. Forms: sent once.
// data-ends: says once that the code ends soon, and once that it has ended.
const all = (selector) => document.querySelectorAll(selector);
// The visitor's own form of the page's language: en-GB has 24 hours where en has 12.
const language = document.documentElement.lang;
const own = navigator.languages?.find((tag) => tag.split("-")[0] === language) ?? language;
// "09:05" as in the mail, or "9:05 AM" for those who use that.
const { hour12 } = new Intl.DateTimeFormat(own, { hour: "numeric" }).resolvedOptions();
const hour = hour12 ? "numeric" : "2-digit";
for (const time of all("time.clock")) {
  const second = time.textContent.split(":").length > 2 ? "2-digit" : undefined;
  const zone = { hour, minute: "2-digit", second };
  time.textContent = new Date(time.dateTime).toLocaleTimeString(own, zone);
}
let sent = false;
addEventListener("pageshow", () => (sent = false));
addEventListener("submit", (event) => {
  if (sent) return event.preventDefault();
  sent = true;
  setTimeout(() => (sent = false), 5000);
});
for (const live of all("[data-ends]")) {
  const left = Number(live.dataset.ends) * 1000;
  const say = (text, after) => after > 0 && setTimeout(() => (live.textContent = text), after);
  say(live.dataset.soon, left - 300000);
  say(live.dataset.over, left);
}
for (const go of all("[data-go]")) go.href ? location.replace(go.href) : go.submit();
