"""Drives the Graph simulator with Microsoft's own SDK: the client is real, so what it does not understand is our fault.

Usage: graph_sdk.py PROGRAM, where PROGRAM is the simulator's example `graph`.
"""

import asyncio
import json
import logging
import pathlib
import ssl
import sys
import tempfile
import time

import httpx
from azure.core.exceptions import ClientAuthenticationError
from azure.identity.aio import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphServiceClient
from msgraph.generated.directory.deleted_items.item.directory_object_item_request_builder import (
    DirectoryObjectItemRequestBuilder as Deleted,
)
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.on_premises_extension_attributes import OnPremisesExtensionAttributes
from msgraph.generated.models.password_profile import PasswordProfile
from msgraph.generated.models.reference_update import ReferenceUpdate
from msgraph.generated.models.user import User
from msgraph.generated.users.item.user_item_request_builder import UserItemRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import GraphClientFactory
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks.page_iterator import PageIterator

from tls import Front, certificate

SECONDS_MAX = 120
TENANT, APPLICATION, SECRET = "contoso.example", "00000000-0000-4000-8000-000000000001", "simulated-secret"
# More than the budget of the throttled simulator.
READS = 8
NOBODY = "00000000-0000-4000-8000-0000000000ff"


class Simulator:
    """The simulator's process behind TLS, and the SDK's client of it."""

    def __init__(self, program, files, **wanted):
        self.program, self.wanted = program, wanted
        self.certificate_file = files[0]
        self.front = Front(*files)

    async def __aenter__(self):
        await self.front.__aenter__()
        self.base = f"https://{self.front.address}/v1.0"
        wanted = json.dumps({"public": f"https://{self.front.address}", **self.wanted})
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(self.program, wanted, stdin=pipe, stdout=pipe)
        host, port = (await self.line()).removeprefix("http://").split(":")
        self.front.behind = (host, int(port))
        self.credential = self.credentials(SECRET)
        return self

    async def __aexit__(self, *_):
        await self.credential.close()
        await self.http.aclose()
        await self.front.__aexit__()
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), 5)
        except asyncio.TimeoutError:
            self.process.kill()
            await self.process.wait()

    async def line(self):
        return (await asyncio.wait_for(self.process.stdout.readline(), 20)).decode().strip()

    async def counts(self):
        self.process.stdin.write(b"counts\n")
        return json.loads(await self.line())

    def credentials(self, secret):
        return ClientSecretCredential(
            TENANT,
            APPLICATION,
            secret,
            authority=f"https://{self.front.address}",
            disable_instance_discovery=True,
            connection_verify=str(self.certificate_file),
            retry_total=0,
        )

    def client(self):
        trusted = ssl.create_default_context(cafile=self.certificate_file)
        self.http = httpx.AsyncClient(verify=trusted, base_url=self.base, trust_env=False)
        scopes, hosts = ["https://graph.microsoft.com/.default"], [self.front.address, "localhost"]
        provider = AzureIdentityAuthenticationProvider(self.credential, scopes=scopes, allowed_hosts=hosts)
        wrapped = GraphClientFactory.create_with_default_middleware(options=options, client=self.http)
        self.adapter = GraphRequestAdapter(provider, client=wrapped)
        self.adapter.base_url = self.base
        return GraphServiceClient(request_adapter=self.adapter)


def person(name, **more):
    profile = PasswordProfile(password="Invented-1", force_change_password_next_sign_in=True)
    required = {
        "account_enabled": True,
        "display_name": f"Invented {name}",
        "mail_nickname": name,
        "user_principal_name": f"{name}@{TENANT}",
        "password_profile": profile,
    }
    return User(**required, employee_id=name, **more)


async def refused(status, code, call):
    """The SDK's own error, with everything that operators are asked for."""
    try:
        await call
    except ODataError as error:
        assert (error.response_status_code, error.error.code) == (status, code), error
        inner = error.error.inner_error
        assert inner.request_id and inner.client_request_id and inner.date, error
        assert "request-id" in {name.lower() for name in error.response_headers}, error
        return error
    raise AssertionError(f"{status} {code} was expected")


async def tokens(simulator, graph):
    token = await simulator.credential.get_token("https://graph.microsoft.com/.default")
    assert token.expires_on - time.time() > 3_000
    wrong = simulator.credentials("wrong")
    try:
        await wrong.get_token("https://graph.microsoft.com/.default")
        raise AssertionError("a wrong secret was taken")
    except ClientAuthenticationError as error:
        assert "AADSTS7000215" in str(error), error
    finally:
        await wrong.close()


async def users_are_made_and_refused(simulator, graph):
    made = await graph.users.post(person("ada", department="Weaving", business_phones=["+49 30 1"]))
    assert made.id and made.user_principal_name == f"ada@{TENANT}" and made.business_phones == ["+49 30 1"]
    error = await refused(400, "Request_BadRequest", graph.users.post(person("ADA")))
    assert error.error.details[0].code == "ObjectConflict"
    assert "userPrincipalName already exists" in error.error.message
    await refused(400, "Request_BadRequest", graph.users.post(User(display_name="Nobody")))
    await refused(404, "Request_ResourceNotFound", graph.users.by_user_id(NOBODY).get())
    return made.id


async def users_are_changed(simulator, graph, ada):
    one = graph.users.by_user_id(ada)
    attributes = OnPremisesExtensionAttributes(extension_attribute1="x")
    change = User(job_title="Weaver", account_enabled=False, on_premises_extension_attributes=attributes)
    await one.patch(change)
    names = ["jobTitle", "department", "accountEnabled", "onPremisesExtensionAttributes", "createdDateTime"]
    query = UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters(select=names)
    seen = await one.get(request_configuration=RequestConfiguration(query_parameters=query))
    assert (seen.job_title, seen.department, seen.account_enabled) == ("Weaver", "Weaving", False)
    assert seen.on_premises_extension_attributes.extension_attribute1 == "x"
    assert seen.created_date_time.tzinfo is not None
    cleared = User()
    cleared.additional_data = {"department": None}
    await one.patch(cleared)
    await refused(400, "Request_BadRequest", one.patch(User(employee_id="x" * 17)))
    await refused(404, "Request_ResourceNotFound", graph.users.by_user_id(NOBODY).patch(User(job_title="x")))


async def managers(simulator, graph, ada):
    boss = await graph.users.post(person("boss"))
    manager = graph.users.by_user_id(ada).manager
    await refused(404, "Request_ResourceNotFound", manager.get())
    await manager.ref.put(ReferenceUpdate(odata_id=f"{simulator.base}/users/{boss.id}"))
    seen = await manager.get()
    assert isinstance(seen, User) and seen.id == boss.id, seen
    # The SDK takes a reference for a bare text, which Graph's documented answer is not.
    raw = await simulator.adapter.send_primitive_async(manager.ref.to_get_request_information(), "bytes", {})
    assert json.loads(raw)["@odata.id"].endswith(boss.id), raw
    query = UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters(
        select=["id"], expand=["manager($select=id,displayName)"]
    )
    shown = await graph.users.by_user_id(ada).get(request_configuration=RequestConfiguration(query_parameters=query))
    assert isinstance(shown.manager, User) and shown.manager.display_name == "Invented boss"
    await manager.ref.delete()
    await refused(404, "Request_ResourceNotFound", manager.get())
    absent = ReferenceUpdate(odata_id=f"{simulator.base}/users/{NOBODY}")
    await refused(404, "Request_ResourceNotFound", manager.ref.put(absent))


async def pages(simulator, graph):
    for number in range(5):
        await graph.users.post(person(f"page{number}"))
    parameters = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters
    query = parameters(select=["id", "userPrincipalName"], top=3)
    first = await graph.users.get(request_configuration=RequestConfiguration(query_parameters=query))
    assert len(first.value) == 3 and first.odata_next_link
    names = []

    def take(user):
        names.append(user.user_principal_name)
        return True

    await PageIterator(first, simulator.adapter).iterate(take)
    assert len(names) == len(set(names)) == 7, names
    query = parameters(filter="employeeId in ('page1','page2') and accountEnabled eq true", count=True)
    configuration = RequestConfiguration(query_parameters=query)
    configuration.headers.add("ConsistencyLevel", "eventual")
    found = await graph.users.get(request_configuration=configuration)
    assert found.odata_count == len(found.value) == 2
    counting = RequestConfiguration()
    counting.headers.add("ConsistencyLevel", "eventual")
    assert await graph.users.count.get(request_configuration=counting) == 7


async def deltas(simulator, graph, ada):
    delta, seen = await graph.users.delta.get(), []
    while True:
        seen.extend(delta.value)
        if delta.odata_delta_link:
            break
        delta = await graph.users.delta.with_url(delta.odata_next_link).get()
    assert len({user.id for user in seen}) == 7
    await graph.users.by_user_id(ada).patch(User(surname="Placeholder"))
    gone = await graph.users.post(person("gone"))
    await graph.users.by_user_id(gone.id).delete()
    delta = await graph.users.delta.with_url(delta.odata_delta_link).get()
    changed = {user.id: user for user in delta.value}
    assert set(changed) == {ada, gone.id} and changed[ada].surname == "Placeholder"
    assert changed[gone.id].additional_data["@removed"] == {"reason": "changed"}
    assert (await graph.users.delta.with_url(delta.odata_delta_link).get()).value == []
    stale = f"{simulator.base}/users/delta?$deltatoken=invented"
    await refused(400, "BadRequest", graph.users.delta.with_url(stale).get())
    return gone.id


async def batches(simulator, graph, ada):
    items = {}
    for number, id in enumerate([ada, NOBODY]):
        item = BatchRequestItem(graph.users.by_user_id(id).to_get_request_information(), id=str(number))
        items[item.id] = item
    written = graph.users.by_user_id(ada).to_patch_request_information(User(city="Berlin"))
    item = BatchRequestItem(written, id="2")
    items[item.id] = item
    replies = await BatchRequestBuilder(simulator.adapter).post(BatchRequestContent(items))
    statuses = {id: reply.status for id, reply in replies.responses.items()}
    assert statuses == {"0": 200, "1": 404, "2": 204}, statuses
    # This release of the SDK drops the bodies of parts where they are objects; Graph's are, so ours stay.
    assert replies.get_response_by_id("0").content_type.startswith("application/json")
    query = UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters(select=["city"])
    configuration = RequestConfiguration(query_parameters=query)
    assert (await graph.users.by_user_id(ada).get(request_configuration=configuration)).city == "Berlin"


async def deletions(simulator, graph, ada, gone):
    await graph.users.by_user_id(ada).delete()
    await refused(404, "Request_ResourceNotFound", graph.users.by_user_id(ada).get())
    await refused(404, "Request_ResourceNotFound", graph.users.by_user_id(ada).delete())
    listed = await graph.directory.deleted_items.graph_user.get()
    assert {user.id for user in listed.value} == {ada, gone}
    query = Deleted.DirectoryObjectItemRequestBuilderGetQueryParameters(select=["id", "deletedDateTime"])
    configuration = RequestConfiguration(query_parameters=query)
    shown = await graph.directory.deleted_items.by_directory_object_id(ada).get(request_configuration=configuration)
    assert isinstance(shown, User) and shown.deleted_date_time, shown
    back = await graph.directory.deleted_items.by_directory_object_id(ada).restore.post()
    assert back.id == ada and (await graph.users.by_user_id(ada).get()).display_name == "Invented ada"
    await graph.directory.deleted_items.by_directory_object_id(gone).delete()
    item = graph.directory.deleted_items.by_directory_object_id(gone)
    await refused(404, "Request_ResourceNotFound", item.get())


async def tenant(simulator, graph):
    organization = (await graph.organization.get()).value[0]
    assert organization.verified_domains[0].name == TENANT
    domain = (await graph.domains.get()).value[0]
    assert domain.id == TENANT and domain.is_verified


async def throttling(simulator, graph):
    """Ten resource units in ten seconds, two a read: the SDK waits as long as it is told to, and all reads succeed."""
    await graph.users.post(person("ada"))
    start = time.monotonic()
    for _ in range(READS):
        assert len((await graph.users.get()).value) == 1
    waited, counts = time.monotonic() - start, await simulator.counts()
    # A client that does not wait is refused again and again; this one is refused once and then served.
    assert 2 <= counts["throttled"] <= READS, counts
    assert counts["requests"] == 1 + 1 + READS + counts["throttled"], counts
    assert waited > 0.9 * (READS * 2 - 10), (waited, counts)
    return f"{READS} reads, {counts['throttled']} throttled, {waited:.0f} s"


async def main(program):
    done = []

    async def rule(name, check, *arguments):
        outcome = await check(*arguments)
        done.append(name)
        return outcome

    with tempfile.TemporaryDirectory() as folder:
        files = certificate(pathlib.Path(folder))
        async with Simulator(program, files) as simulator:
            graph = simulator.client()
            await rule("tokens", tokens, simulator, graph)
            ada = await rule("create, duplicate and refusals", users_are_made_and_refused, simulator, graph)
            await rule("patch", users_are_changed, simulator, graph, ada)
            await rule("manager reference", managers, simulator, graph, ada)
            await rule("paging, filter and count", pages, simulator, graph)
            gone = await rule("delta", deltas, simulator, graph, ada)
            await rule("$batch", batches, simulator, graph, ada)
            await rule("delete, recycle bin and restore", deletions, simulator, graph, ada, gone)
            await rule("organization and domains", tenant, simulator, graph)
            counts = await simulator.counts()
            assert counts["tokens"] >= 1 and counts["throttled"] == 0, counts
        async with Simulator(program, files, resource_units=10) as simulator:
            said = await rule("429 with Retry-After", throttling, simulator, simulator.client())
    print(f"microsoft's SDK against the simulator: {len(done)} parts hold ({', '.join(done)}; {said})")


if __name__ == "__main__":
    # A wrong secret is tried on purpose.
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
    asyncio.run(asyncio.wait_for(main(sys.argv[1]), SECONDS_MAX))
