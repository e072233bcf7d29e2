#include "tests/platform/onboard/device.hpp"

namespace tf::platform::test {
namespace {

std::unique_ptr<module::SecureModule> make_module(OnboardScene& scene, const std::string& folder, const std::string& dsim_id, Random& random) {
  Secret<32> key;
  random.fill(key.reveal_mutable());
  auto out = must(module::software::create({folder, std::move(key)}, dsim_id, random));
  for (const auto& [which, profile] : {std::pair{module::Key::sign, "onboard-module"}, std::pair{module::Key::decrypt, "onboard-module-decryption"}})
    must(out->store_certificates(which, scene.pki.issue(profile, "serialNumber=" + dsim_id, {}, out->public_key(which))));
  return out;
}

}  // namespace

TestDevice::TestDevice(OnboardScene& of, const std::string& dsim_id)
    : scene(of), module(make_module(of, directory.file("."), dsim_id, random)), verifier({of.pki.root.certificate}),
      ports{of.clock, random, verifier, *module, {"registration-1"}} {}

Answer TestDevice::refer(const std::string& authorization) {
  const auto sent = must(onboard::begin_referral(state, ports));
  std::vector<std::pair<std::string, std::string>> headers;
  if (!authorization.empty()) headers.emplace_back("Authorization", authorization);
  Answer answer = scene.post("registration", "/onboard/v1/referral", sent.body, nullptr, headers);
  if (answer.status == 200) state = must(onboard::finish_referral(sent, answer.body, ports));
  return answer;
}

Answer TestDevice::hello() {
  said = must(onboard::begin_hello(state, ports));
  Answer answer = scene.post("credentialing", "/onboard/v1/hello", said->body);
  if (answer.status == 200) hello_answer = answer.body;
  return answer;
}

Answer TestDevice::request() {
  const auto sent = must(onboard::begin_request(state, *said, hello_answer, ports));
  Answer answer = scene.post("credentialing", "/onboard/v1/request", sent.body);
  if (answer.status == 200) {
    ready = must(onboard::finish_request(state, sent, answer.body, ports));
    state = ready->state.clone();
  }
  return answer;
}

}  // namespace tf::platform::test
