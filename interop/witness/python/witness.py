"""Call the emulator with the official Python clients, as the story in Go says.

Usage: python witness.py typed|legacy

Lines of JSON come in and go out, as ../witness_test.go describes. Parameters go
into the request class of the operation, by the names that the package gives them.
Of a typed answer only what its classes have read comes back.
"""

import importlib
import importlib.metadata
import json
import pkgutil
import sys


class Refused(Exception):
    """The service refused the call."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Typed:
    """alibabacloud-quickbi-public20220101, signature V3."""

    distribution = "alibabacloud-quickbi-public20220101"

    def __init__(self, endpoint, key_id, secret):
        from alibabacloud_quickbi_public20220101 import models
        from alibabacloud_quickbi_public20220101.client import Client
        from alibabacloud_tea_openapi.utils_models import Config

        self.models = models
        self.client = Client(
            Config(access_key_id=key_id, access_key_secret=secret, endpoint=endpoint, protocol="http", region_id="cn-hangzhou")
        )
        # The class of an answer names the operation; annotations name the classes.
        self.methods, self.requests = {}, {}
        for name in dir(self.client):
            if not name.endswith("with_options"):
                continue
            method = getattr(self.client, name)
            action = method.__annotations__["return"].rsplit(".", 1)[-1].removesuffix("Response")
            self.methods[action] = method
            if request := method.__annotations__.get("request"):
                self.requests[action] = getattr(models, request.rsplit(".", 1)[-1])

    def operations(self):
        return {action: self.parameters(action) for action in self.methods}

    def parameters(self, action):
        if action not in self.requests:
            return []
        # A request whose fields are all set tells all names.
        request = self.requests[action]()
        for field in vars(request):
            setattr(request, field, "")
        return list(request.to_map())

    def call(self, action, params):
        from darabonba.runtime import RuntimeOptions

        arguments = [self.requests[action]().from_map(params)] if action in self.requests else []
        try:
            answer = self.methods[action](*arguments, RuntimeOptions(autoretry=False))
        except Exception as e:
            if code := getattr(e, "code", None):
                raise Refused(code, str(e)) from e
            raise
        return answer.body.to_map()


class Legacy:
    """aliyun-python-sdk-quickbi-public, signature V1."""

    distribution = "aliyun-python-sdk-quickbi-public"

    def __init__(self, endpoint, key_id, secret):
        from aliyunsdkcore.client import AcsClient
        from aliyunsdkquickbi_public.request import v20220101

        self.endpoint = endpoint
        self.client = AcsClient(key_id, secret, "cn-hangzhou", auto_retry=False)
        self.requests = {}
        for module in pkgutil.iter_modules(v20220101.__path__):
            action = module.name.removesuffix("Request")
            self.requests[action] = getattr(importlib.import_module(f"{v20220101.__name__}.{module.name}"), module.name)

    def operations(self):
        return {action: [name[4:] for name in dir(request) if name.startswith("set_")] for action, request in self.requests.items()}

    def call(self, action, params):
        from aliyunsdkcore.acs_exception.exceptions import ServerException

        request = self.requests[action]()
        request.set_endpoint(self.endpoint)
        request.set_protocol_type("http")
        for name, value in params.items():
            getattr(request, "set_" + name)(value)
        try:
            return json.loads(self.client.do_action_with_exception(request))
        except ServerException as e:
            raise Refused(e.get_error_code(), str(e)) from e


def main():
    kind = {"typed": Typed, "legacy": Legacy}[sys.argv[1]]
    client = None
    for line in sys.stdin:
        order = json.loads(line)
        try:
            if "endpoint" in order:
                client = kind(order["endpoint"], order["id"], order["secret"])
                reply = {"version": importlib.metadata.version(kind.distribution), "operations": client.operations()}
            else:
                reply = {"answer": client.call(order["action"], order["query"] | order["body"])}
        except Refused as e:
            reply = {"code": e.code, "message": str(e)}
        except Exception as e:  # the story is told what went wrong
            reply = {"failure": f"{type(e).__name__}: {e}"}
        print(json.dumps(reply, separators=(",", ":")), flush=True)


main()
