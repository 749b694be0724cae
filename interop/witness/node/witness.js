// Calls the emulator with the official Node clients, as the story in Go says.
//
// Usage: node witness.js core-v3|core-v1|pop-core
//
// Lines of JSON come in and go out, as ../witness_test.go describes.
'use strict';

const readline = require('node:readline');

const apiVersion = '2022-01-01';

function version(name) {
  return require(name + '/package.json').version;
}

// core returns the current client, @alicloud/openapi-core.
function core(signatureAlgorithm) {
  return (order) => {
    const { default: Client, $OpenApiUtil } = require('@alicloud/openapi-core');
    const { RuntimeOptions } = require('@darabonba/typescript');
    const client = new Client(new $OpenApiUtil.Config({
      accessKeyId: order.id, accessKeySecret: order.secret, endpoint: order.endpoint, protocol: 'http', signatureAlgorithm,
    }));
    return {
      version: version('@alicloud/openapi-core'),
      async call({ action, method, query, body }) {
        const params = new $OpenApiUtil.Params({
          action, method, version: apiVersion, protocol: 'http', pathname: '/', authType: 'AK', style: 'RPC',
          reqBodyType: 'formData', bodyType: 'json',
        });
        const request = new $OpenApiUtil.OpenApiRequest({ query });
        if (Object.keys(body).length > 0) request.body = body;
        return (await client.callApi(params, request, new RuntimeOptions({ autoretry: false }))).body;
      },
    };
  };
}

// popCore returns the older client, @alicloud/pop-core.
function popCore(order) {
  const { RPCClient } = require('@alicloud/pop-core');
  const client = new RPCClient({
    accessKeyId: order.id, accessKeySecret: order.secret, endpoint: 'http://' + order.endpoint, apiVersion,
  });
  return {
    version: version('@alicloud/pop-core'),
    call: ({ action, method, query, body }) => client.request(action, { ...query, ...body }, { method }),
  };
}

const clients = { 'core-v3': core('ACS3-HMAC-SHA256'), 'core-v1': core('v2'), 'pop-core': popCore };

async function main() {
  const open = clients[process.argv[2]];
  let client;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const order = JSON.parse(line);
    let reply;
    try {
      if (order.endpoint) {
        client = open(order);
        reply = { version: client.version };
      } else {
        reply = { answer: await client.call(order) };
      }
    } catch (e) {
      reply = e.code ? { code: e.code, message: e.message } : { failure: String(e.stack || e) };
    }
    process.stdout.write(JSON.stringify(reply) + '\n');
  }
}

main();
