/** A module from outside of the package that prints what is sent, as a tracer could that NODE_OPTIONS loads. */
const https = require("node:https");
const { writeSync } = require("node:fs");
const { request } = https;
const print = (what) => writeSync(2, `HOOKED ${what}\n`);
https.request = (...args) => {
    print(JSON.stringify(args));
    const sent = request(...args);
    const { write, end } = sent;
    sent.write = (chunk, ...rest) => {
        print(chunk);
        return write.call(sent, chunk, ...rest);
    };
    sent.end = (chunk, ...rest) => {
        print(chunk);
        return end.call(sent, chunk, ...rest);
    };
    return sent;
};
