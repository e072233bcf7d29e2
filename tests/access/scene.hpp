// AccessService over the scene's database, with three services and a gateway; terminals are the protocol's own functions,
// or the whole AccessClient without a network between.
#pragma once
#include <gmock/gmock.h>

#include <future>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "net/problem.hpp"
#include "platform/access/bindings.hpp"
#include "platform/access/keys.hpp"
#include "platform/access/service.hpp"
#include "platform/admin/peers.hpp"
#include "protocols/access/refusal.hpp"
#include "protocols/access/routes.hpp"
#include "terminal/access.hpp"
#include "tests/platform/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::test {
inline const std::string kNumber = "8613800000001";
inline const std::string kOther = "8613800000002";

inline std::string suite_name(const testing::TestParamInfo<access::Suite>& info) { return std::string(name_of(info.param)); }

struct AccessWorld {
  // Chance and keys of the platform's own unless a test brings them: a transcript wants both the same each time.
  explicit AccessWorld(Random* chance = nullptr, vault::Vault* keys = nullptr)
      : context{scene.clock, chance ? *chance : scene.opened->random, *scene.database, keys ? *keys : *scene.opened->vault,
                *scene.opened->trail, scene.opened->metrics, scene.config, *scene.opened->certificates} {
    scene.config.services = services();
    service = must(AccessService::make(context, refusals, {scene.config.services, {"x-msisdn"}, "test"}));
    gateway = scene.certificate_of("auditor");  // any certificate will do, once it is a gateway's
    must(scene.database->write([&](store::Session& session) -> Status {
      const std::string fingerprint = wire::hex_lower(crypto::sha256(gateway));
      TF_TRY(session.execute("INSERT INTO peers (fingerprint, name, kind) VALUES ($1, 'gw', 'gateway')", {std::string_view(fingerprint)}));
      return {};
    }));
    scene.mark();
  }

  // bank wants a proof, strict each time; open believes the first; loose allows what a policy can; new takes no classic.
  static std::map<std::string, access::ServicePolicy> services() {
    access::ServicePolicy bank;
    bank.name = bank.audience = "bank";
    bank.key_minutes = 60;
    bank.classic = true;
    access::ServicePolicy open = bank;
    open.name = open.audience = "open";
    open.trust_first_use = true;
    open.private_apn = "open.private";
    access::ServicePolicy loose = open;
    loose.name = "loose";
    loose.did_may_change = true;
    loose.did_beside = true;
    loose.consent_rebinds = true;
    access::ServicePolicy modern = open;
    modern.name = "new";
    modern.classic = false;
    access::ServicePolicy strict = bank;
    strict.name = "strict";
    strict.key_renews = false;
    return {{"bank", bank}, {"open", open}, {"loose", loose}, {"new", modern}, {"strict", strict}};
  }

  access::Identity identity(const std::string& did, const std::string& service_name, const std::string& msisdn = kNumber,
                            access::Suite suite = access::Suite::modern, crypto::KeyKind kind = crypto::KeyKind::p256) {
    const auto keys = must(crypto::read_jwk_set(must(access_key_set(context.vault)), "enc"));
    const auto key = std::ranges::find_if(keys, [&](const auto& one) { return one.key.kind() == kind; });
    return {.suite = suite, .did = did, .service = service_name, .msisdn = msisdn, .info = "phone", .platform_kid = key->kid,
            .platform_key = key->key, .device_key = {}, .device_chain = {}, .code = {}};
  }
  Result<std::string> send(const std::string& route, const std::string& body, std::vector<std::string> numbers = {kNumber}, bool by_gateway = true) {
    wire::HttpRequest request;
    request.body = body;
    for (const std::string& number : numbers) request.headers.emplace_back("x-msisdn", number);
    if (by_gateway) request.client_certificate = gateway;
    std::promise<Result<std::string>> given;
    service->handle(route, request, [&given](Result<std::string> reply) { given.set_value(std::move(reply)); });
    return given.get_future().get();
  }
  // As the server answers, through a gateway that knows the line's number.
  net::HttpResponse over_http(const std::string& target, const std::string& body, const std::vector<std::string>& numbers) {
    const auto route = access::route_of({.method = "POST", .path = target, .query = {}, .content_type = "application/json", .body = {}, .peer_address = {}, .client_certificate = {}});
    if (!route) return net::to_problem(route.error());
    auto reply = send(*route, body, numbers);
    if (reply) return {.status = 200, .content_type = "application/json", .body = std::move(*reply), .headers = {}};
    if (reply.error().code != Code::refused) return net::to_problem(reply.error());
    return {.status = 403, .content_type = std::string(net::kProblemType), .body = access::refusal_body(reply.error()), .headers = {}};
  }
  terminal::AccessExchange line(const std::string& number) {
    return [this, number](const std::string& target, const std::string& body) -> Result<net::HttpResponse> { return over_http(target, body, {number}); };
  }
  access::Challenge challenge(access::ChallengePurpose purpose) {
    return must(access::decode_challenge(must(send("challenge", access::encode_challenge_request(purpose)))));
  }
  access::Challenge asked(const access::Identity& who, access::ChallengePurpose purpose) {
    return who.suite == access::Suite::modern ? challenge(purpose) : access::Challenge{};
  }
  access::InitialiseUnderWay initialisation(const access::Identity& who, const access::Binding* old = nullptr) {
    return must(access::begin_initialise(who, asked(who, access::ChallengePurpose::initialise), old, random));
  }
  // What the SIM of this identity's number gets for it.
  Result<access::Binding> bind(const access::Identity& who, const access::Binding* old = nullptr) {
    const auto sent = initialisation(who, old);
    return access::finish_initialise(who, sent, TF_TRY(send("initialise", sent.body, {who.msisdn})));
  }
  access::Binding bound(const access::Identity& who, const access::Binding* old = nullptr) { return must(bind(who, old)); }
  access::AuthenticateUnderWay authentication(const access::Identity& who, const access::Binding& binding) {
    return access::begin_authenticate(who, binding, asked(who, access::ChallengePurpose::authenticate), scene.clock.now_ms(), random);
  }
  Result<access::Authenticated> authenticated(const access::Identity& who, const access::Binding& binding) {
    const auto sent = authentication(who, binding);
    return access::finish_authenticate(who, binding, sent, TF_TRY(send("authenticate", sent.body, {who.msisdn})));
  }
  std::string code(const std::string& did, const std::string& service_name = "bank", const std::string& msisdn = "") {
    return must(issue_access_code(context, "operator:a", {service_name, did, msisdn, 60})).code;
  }
  // The one open alarm about this Did, approved.
  void approve(const std::string& did) {
    for (const AlarmEntry& alarm : must(list_alarms(context, 10)))
      if (alarm.did == did && alarm.state == "open") return must(approve_alarm(context, "operator:a", alarm.id));
    ADD_FAILURE() << "no open alarm about " << did;
  }
  // The message a terminal would send with this content.
  std::string sealed(const access::Identity& who, const access::Initialisation& content) {
    const auto type = content.suite == access::Suite::modern ? access::typ::initialise : access::typ::edkey;
    const std::string jwe = must(crypto::jwe_seal_to(who.platform_key, who.platform_kid, random, type, encode(content).reveal()));
    return encode(access::InitialiseRequest{.suite = content.suite, .service = who.service, .jwe = jwe, .did = {}, .info = {}});
  }
  // The reason a terminal is told.
  static std::string told(const Error& error) { return std::string(access::public_reason(error)); }

  Scene scene;
  Context context;
  SystemRandom random;
  audit::RefusalSampler refusals{scene.clock, {.burst = 1000, .per_second = 1000}};
  std::unique_ptr<AccessService> service;
  Bytes gateway;
};

class Access : public testing::Test, protected AccessWorld {};

}  // namespace tf::platform::test
