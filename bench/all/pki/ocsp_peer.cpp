// openssl ocsp as a server, to be compared with.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/file.hpp"
#include "bench/all/pki/scene.hpp"
#include "pki/issue.hpp"
#include "pki/key_file.hpp"

namespace tf::bench {
namespace {

constexpr std::uint16_t kPort = 18489;
constexpr const char* kSerial = "7A0102030405060708090A0B0C0D0E0F";

}  // namespace

Result<std::unique_ptr<OcspPeer>> OcspPeer::make(const std::string& directory, crypto::KeyKind delegate) {
  std::filesystem::create_directories(directory);
  std::unique_ptr<OcspPeer> out(new OcspPeer);
  out->port_ = static_cast<std::uint16_t>(kPort + (delegate == crypto::KeyKind::rsa ? 1 : 0));
  SystemClock clock;
  const crypto::PrivateKey root_key = crypto::PrivateKey::generate_p256(), key = generated(delegate);
  const auto root = TF_TRY(pki::make_root("bench", root_key, {clock.now_ms(), 365}, out->random_));
  const auto signer = TF_TRY(pki::issue_ocsp_signer({root, root_key}, "bench OCSP", key.public_key(), {clock.now_ms(), pki::kOcspSignerDays}, out->random_));
  out->asked_ = {TF_TRY(pki::ocsp::cert_id(root, kSerial))};
  const auto path = [&](const char* name) { return directory + "/" + name; };
  TF_CHECK(write_private_file(path("key.pem"), pki::to_pem(key).reveal()));
  for (const auto& [name, text] : {std::pair{"ca.pem", root.to_pem()}, {"signer.pem", signer.to_pem()}, {"index.txt", fmt::format("V\t401231235959Z\t\t{}\tunknown\t/CN=bench\n", kSerial)}})
    TF_CHECK(write_file_atomic(path(name), as_bytes(text), 0644));
  out->child_ = TF_TRY(Child::start({"openssl", "ocsp", "-index", path("index.txt"), "-port", std::to_string(out->port_), "-CA", path("ca.pem"), "-rsigner", path("signer.pem"), "-rkey",
                                     path("key.pem"), "-ignore_err", "-nmin", "240"},
                                    path("log")));
  for (int tries = 0; tries < 50; ++tries) {
    if (send(out->load(1))) return out;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Error{Code::unavailable, "bench.openssl", "openssl ocsp did not come up; see " + path("log")};
}

HttpLoad OcspPeer::load(int requests) {
  return {.port = port_, .requests = requests, .clients = 1, .fresh = true, .next = [this]() -> net::ClientRequest {
            const Bytes nonce = to_bytes(random_.array<pki::ocsp::kNonce>());
            return {.method = "POST", .target = "/", .content_type = "application/ocsp-request",
                    .body = std::string(as_text(pki::ocsp::encode_request(asked_, nonce).value())), .headers = {}};
          },
          .least_bytes = 200};
}

Result<double> OcspPeer::answer_cpu_us(int requests) {
  const double before = child_->cpu_us();
  TF_CHECK(send(load(requests)));
  return (child_->cpu_us() - before) / requests;
}

}  // namespace tf::bench
