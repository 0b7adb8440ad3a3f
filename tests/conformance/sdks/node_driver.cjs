// Asks modules through OPA's official SDK: both ways of loading one, both ways of evaluating it, with the SDK's own memory.
//
//     node node_driver.cjs SDK QUESTIONS ANSWERS
//
// QUESTIONS has a line of JSON for each module: its path, and the inputs as texts of JSON. ANSWERS gets a line for each way of each
// module: the texts that the module answered with, just as the SDK read them, before JavaScript rounded any number in them.
"use strict";
const fs = require("node:fs");

const [sdk, questions, answers] = process.argv.slice(2);
const { loadPolicy, loadPolicySync } = require(sdk);

const parse = JSON.parse;
let read = "";
JSON.parse = (text, ...rest) => {
  read = text;
  return parse(text, ...rest);
};

function answer(policy, input) {
  const bytes = Buffer.from(input, "utf8");
  try {
    policy.evaluate(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    return read;
  } catch (error) {
    return `it throws: ${error.stack ?? error}`;
  }
}

async function main() {
  const lines = fs.readFileSync(questions, "utf8").split("\n").filter((line) => line !== "");
  for (const line of lines) {
    const { module, inputs } = parse(line);
    const bytes = fs.readFileSync(module);
    for (const load of [loadPolicySync, loadPolicy]) {
      const policy = await load(bytes);
      if (policy.minorVersion < 3) throw new Error(`${module} speaks an older ABI`);
      for (const context of [false, true]) {
        // An SDK that knows no `opa_eval` takes a context instead; this one does so for modules of ABI 1.1.
        if (context) policy.minorVersion = 1;
        const way = `${load.name}, ${context ? "eval with a context" : "opa_eval"}`;
        const texts = inputs.map((input) => answer(policy, input));
        fs.appendFileSync(answers, JSON.stringify({ module, way, texts }) + "\n");
      }
    }
  }
}

main();
