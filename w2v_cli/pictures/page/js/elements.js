"use strict";
// What both pages build with.

const $ = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString("en");

/** An element with a text: words become text, never HTML. */
function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Let a screen reader say it. */
const say = (text) => { $("status").textContent = text; };
