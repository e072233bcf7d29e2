#include "tests/onboard_e2e/hand.hpp"

#include "crypto/storage_key.hpp"
#include "tests/support/deterministic.hpp"

namespace tf::test {
namespace {

std::unique_ptr<module::SecureModule> module_in(const std::string& directory) {
  SystemRandom random;
  return must(terminal::open_onboard_module(directory, must(terminal::read_onboard_profile(directory)), must(crypto::storage_key_from_file(directory, random)), random), directory.c_str());
}

}  // namespace

Hand::Hand(const OnboardScene& scene, const std::string& dsim_id)
    : module(module_in(scene.device(dsim_id))), verifier({must(pki::Certificate::from_pem(read_text(scene.root())))}),
      ports{.clock = clock, .random = random, .verifier = verifier, .module = *module, .registration_servers = {"reg-1", "reg-2"}}, scene_(scene) {}

CurlAnswer Hand::post(const std::string& server, const std::string& route, const std::string& body) const {
  return curl({.url = scene_.url(server) + "/onboard/v1/" + route, .root = scene_.root()}, body);
}

void Hand::refer() {
  const auto sent = must(onboard::begin_referral(state, ports));
  const CurlAnswer answer = post("reg-2", "referral", sent.body);
  ASSERT_EQ(answer.status, 200) << answer.body;
  state = must(onboard::finish_referral(sent, answer.body, ports));
}

onboard::RequestUnderWay Hand::hello(const std::string& server) {
  const auto sent = must(onboard::begin_hello(state, ports));
  const CurlAnswer answer = post(server, "hello", sent.body);
  EXPECT_EQ(answer.status, 200) << answer.body;
  return must(onboard::begin_request(state, sent, answer.body, ports));
}

void Hand::ready(const onboard::RequestUnderWay& request, const std::string& server) {
  const CurlAnswer answer = post(server, "request", request.body);
  ASSERT_EQ(answer.status, 200) << answer.body;
  got = must(onboard::finish_request(state, request, answer.body, ports));
}

}  // namespace tf::test
