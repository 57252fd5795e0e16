import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesWhole, occursIn, parseTemplate } from "../../src/playbook/template.ts";

const WHOLE: readonly [template: string, text: string, matches: boolean][] = [
  ["nginx.service", "nginx.service", true],
  ["nginx.service", "my-nginx.service", false],
  ["nginx.service", "nginx.service.d", false],
  ["php<version>-fpm.service", "php8.2-fpm.service", true],
  ["php<version>-fpm.service", "php-fpm.service", true],
  ["php<version>-fpm.service", "php8.2-fpm.socket", false],
  ["tomcat<version>.service", "tomcat.service", true],
  ["<path>/node <script>", "/usr/bin/node app.js", true],
  ["<path>/node <script>", "/usr/bin/nodejs app.js", false],
  ["a<x>a", "a", false],
  ["a<x>a", "aa", true],
  ["app@<name:word>.service", "app@one.service", true],
  ["app@<name:word>.service", "app@one two.service", false],
  ["nginx<rest>", "nginx/1.22.1", true],
];

test("a whole match leaves nothing of the text over", () => {
  for (const [template, text, matches] of WHOLE) {
    assert.equal(matchesWhole(parseTemplate(template), text), matches, `${template} on ${text}`);
  }
});

test("an escaped < is text, so that markup can be written as it is", () => {
  const template = parseTemplate("\\<center>\\<h1>50<rest>\\</h1>");
  assert.equal(occursIn(template, "<html><center><h1>502 Bad Gateway</h1></center>"), true);
  assert.equal(occursIn(template, "<html><center><h2>502 Bad Gateway</h2></center>"), false);
});

test("what cannot be told apart from anything is no template", () => {
  for (const text of ["", "<any>", " <any> ", "a<x><y>", "two\nlines"]) {
    assert.throws(() => parseTemplate(text), TypeError, JSON.stringify(text));
  }
});
