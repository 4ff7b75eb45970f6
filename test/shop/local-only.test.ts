/** Who counts as sitting at the machine that the shop runs on: nobody who comes through a proxy, or by another name. */
import { once } from "node:events";
import { connect } from "node:net";
import express from "express";
import request from "supertest";
import { expect, it } from "vitest";
import { isLocal } from "../../demo-app/local-only.js";

const app = express();
app.get("/", (req, res) => void res.json(isLocal(req)));

it.each(["localhost", "LOCALHOST:3000", "127.0.0.1", "127.1.2.3:3000", "[::1]:3000"])(
  "%s is a name of it",
  async (name) => {
    expect((await request(app).get("/").set("Host", name)).body).toBe(true);
  },
);

it.each([
  "",
  "evil.example",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "localhost@evil.example",
  "0.0.0.0:3000",
  "xlocalhost",
])("%j is none", async (name) => {
  expect((await request(app).get("/").set("Host", name)).body).toBe(false);
});

it("a browser's own headers change nothing", async () => {
  const headers = {
    Accept: "text/html",
    "Accept-Language": "en",
    Cookie: "a=b",
    DNT: "1",
    Origin: "http://localhost:3000",
    Priority: "u=0, i",
    Referer: "http://localhost:3000/",
    "Sec-CH-UA": '"Chromium";v="140"',
    "Sec-Fetch-Site": "same-origin",
    "Upgrade-Insecure-Requests": "1",
    "X-CSRF-Token": "token",
  };
  expect((await request(app).get("/").set("Host", "localhost:3000").set(headers)).body).toBe(true);
});

const proxies = `
  Forwarded Via X-Forwarded-For X-Forwarded-Proto X-Forwarded-Host X-Forwarded-Server X-Forwarded
  X-Real-IP X-Client-IP X-Cluster-Client-IP X-Original-Forwarded-For X-Original-Host X-ARR-LOG-ID
  CF-Connecting-IP True-Client-IP Fastly-Client-IP Fly-Client-IP DO-Connecting-IP X-Azure-ClientIP
  X-Envoy-External-Address X-Amzn-Trace-Id`;

it.each(proxies.trim().split(/\s+/))("a proxy that sends %s gives itself away", async (header) => {
  expect((await request(app).get("/").set("Host", "localhost:3000").set(header, "192.0.2.1")).body).toBe(false);
});

it("nginx that only has `proxy_pass` gives itself away by its HTTP/1.0", async () => {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  for (const [version, expected] of [
    ["1.0", "false"],
    ["1.1", "true"],
  ] as const) {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => (answer += String(data)));
    socket.write(`GET / HTTP/${version}\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
    await once(socket, "close");
    expect(answer.split("\r\n\r\n")[1]).toBe(expected);
  }
  server.close();
});
