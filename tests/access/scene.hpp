// AccessService over the scene's database, with three services and a gateway; terminals are the protocol's own functions.
#pragma once
#include <gmock/gmock.h>

#include <future>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "crypto/jose.hpp"
#include "platform/access_bindings.hpp"
#include "platform/access_keys.hpp"
#include "platform/access_service.hpp"
#include "platform/peers.hpp"
#include "protocols/access/refusal.hpp"
#include "protocols/access/terminal.hpp"
#include "tests/platform/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::test {
inline const std::string kNumber = "8613800000001";
inline const std::string kOther = "8613800000002";

class Access : public testing::Test {
 protected:
  Access() {
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
    scene.config.services = {{"bank", bank}, {"open", open}, {"loose", loose}};
    service = must(AccessService::make(*scene.context, refusals, {scene.config.services, {"x-msisdn"}, "test"}));
    gateway = scene.certificate_of("auditor");  // any certificate will do, once it is a gateway's
    must(scene.database->write([&](store::Session& session) -> Status {
      const std::string fingerprint = wire::hex_lower(crypto::sha256(gateway));
      TF_TRY(session.execute("INSERT INTO peers (fingerprint, name, kind) VALUES ($1, 'gw', 'gateway')", {std::string_view(fingerprint)}));
      return {};
    }));
    scene.mark();
  }

  access::Identity identity(const std::string& did, const std::string& service_name, const std::string& msisdn = kNumber) {
    const auto keys = must(crypto::read_jwk_set(must(access_key_set(*scene.opened->vault)), "enc"));
    const auto& key = keys.front();
    return {.did = did, .service = service_name, .msisdn = msisdn, .info = "phone", .platform_kid = key.kid, .platform_key = key.key,
            .device_key = {}, .device_chain = {}, .code = {}};
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
  access::Challenge challenge(access::ChallengePurpose purpose) {
    return must(access::decode_challenge(must(send("challenge", access::encode_challenge_request(purpose)))));
  }
  access::Challenge asked(const access::Identity& who, access::ChallengePurpose purpose) {
    return who.suite == access::Suite::modern ? challenge(purpose) : access::Challenge{};
  }
  access::InitialiseUnderWay initialisation(const access::Identity& who) {
    return must(access::begin_initialise(who, asked(who, access::ChallengePurpose::initialise), nullptr, random));
  }
  access::Binding bound(const access::Identity& who) {
    const auto sent = initialisation(who);
    return must(access::finish_initialise(who, sent, must(send("initialise", sent.body, {who.msisdn}))));
  }
  access::AuthenticateUnderWay authentication(const access::Identity& who, const access::Binding& binding) {
    return access::begin_authenticate(who, binding, asked(who, access::ChallengePurpose::authenticate), scene.clock.now_ms(), random);
  }
  std::string code(const std::string& did) { return must(issue_access_code(*scene.context, "operator:a", {"bank", did, "", 60})).code; }

  Scene scene;
  SystemRandom random;
  audit::RefusalSampler refusals{scene.clock, {.burst = 1000, .per_second = 1000}};
  std::unique_ptr<AccessService> service;
  Bytes gateway;
};

}  // namespace tf::platform::test
