#include "bench/all/access/scene.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "crypto/jose/jose.hpp"
#include "pki/request/certificate_request.hpp"
#include "platform/access/keys.hpp"
#include "platform/admin/peers.hpp"
#include "platform/authority.hpp"
#include "platform/data_directory.hpp"
#include "wire/encoding.hpp"

namespace tf::bench {
namespace {

constexpr std::uint16_t kPort = 18453;
constexpr const char* kService = "bench";

std::string number_of(int phone) { return fmt::format("86139{:08}", phone); }

terminal::AccessDevice phone(int number, const crypto::PublishedKey& key) {
  return {.identity = {.suite = access::Suite::modern, .did_beside = false, .did = fmt::format("PHONE{:07}", number), .service = kService,
                       .msisdn = number_of(number), .info = "phone", .platform_kid = key.kid, .platform_key = key.key, .device_key = {},
                       .device_chain = {}, .code = {}},
          .binding = {}};
}

// What the gateway adds.
terminal::AccessExchange carried(net::HttpClient& line, const std::string& number) {
  return [&line, number](const std::string& target, const std::string& body) {
    return line.request({.method = "POST", .target = target, .content_type = "application/json", .body = body, .headers = {{"x-msisdn", number}}});
  };
}

}  // namespace

Result<std::unique_ptr<AccessScene>> AccessScene::make(const std::string& directory, const std::string& program, int phones) {
  std::unique_ptr<AccessScene> out(new AccessScene(directory, program));
  TF_CHECK(out->prepare(phones));
  TF_CHECK(out->serve());
  return out;
}

Status AccessScene::prepare(int phones) {
  platform::InitOptions init = TF_TRY(init_options(directory_, kPort));
  init.config.access.port = kPort + 2;
  init.config.number_headers = {"x-msisdn"};
  access::ServicePolicy policy;
  policy.name = policy.audience = kService;
  policy.trust_first_use = true;
  init.config.services = {{kService, policy}};
  TF_TRY(platform::initialise(init, kPassphrase, kPassphrase));
  auto opened = TF_TRY(platform::open_directory(init.directory, kPassphrase));
  TF_CHECK(platform::ensure_access_keys(*opened->vault));
  const auto keys = TF_TRY(crypto::read_jwk_set(TF_TRY(platform::access_key_set(*opened->vault)), "enc"));
  for (int i = 0; i < phones; ++i) devices_.push_back(phone(i, keys.front()));
  crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  const auto request = TF_TRY(pki::CertificateRequest::make("gateway", key));
  const Bytes issued = TF_TRY(platform::enrol_peer(*opened->context, "bench", {"gateway", platform::PeerKind::gateway}, request.der()));
  address_ = Server::Address{.url = fmt::format("https://127.0.0.1:{}", kPort + 2),
                             .root = TF_TRY(opened->certificates->current(platform::kind::root)).certificate,
                             .chain = {TF_TRY(pki::Certificate::from_der(issued)), TF_TRY(opened->certificates->current(platform::kind::operations_ca)).certificate},
                             .key = net::share(key.native())};
  return {};
}

Status AccessScene::serve() {
  server_ = TF_TRY(Server::start(program_, directory_, *address_));
  return {};
}

Result<AccessScene::Measured> AccessScene::each(int from, int count, bool initialise) {
  std::atomic<int> next{from}, failed{0};
  std::atomic<int> ready{0};
  std::atomic<double> before{0};
  const auto work = [&] {
    auto line = server_->client();
    if (!line || !line->request({.method = "GET", .target = "/healthz", .content_type = {}, .body = {}, .headers = {}})) ++failed;
    if (++ready == kClients) before = server_->cpu_us();  // lines are up: kept connections are what is measured
    while (ready < kClients || before == 0) std::this_thread::yield();
    for (int i = next++; i < from + count && line; i = next++) {
      terminal::AccessDevice& device = devices_[static_cast<std::size_t>(i)];
      terminal::AccessClient client(carried(*line, device.identity.msisdn),
                                    {.clock = clock_, .random = random_, .save = [](const terminal::AccessDevice&) { return Status(); }, .route = {}});
      if (initialise ? !client.initialise(device) : !client.authenticate(device)) ++failed;
    }
  };
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kClients; ++t) threads.emplace_back(work);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (failed > 0) return Error{Code::internal, "bench.access", fmt::format("{} phones failed: nothing was measured", failed.load())};
  return Measured{(server_->cpu_us() - before) / count, count / seconds};
}

Result<AccessScene::Measured> AccessScene::initialise(int phones) {
  const int from = bound_;
  bound_ += phones;
  return each(from, phones, true);
}

Result<AccessScene::Measured> AccessScene::authenticate(int phones) { return each(0, std::min(phones, bound_), false); }

Result<double> AccessScene::request_cpu_us() const { return server_->request_cpu_us(kClientWorkUs); }

Status AccessScene::fill(int bindings) {
  server_.reset();
  auto opened = TF_TRY(platform::open_directory(directory_ + "/platform", kPassphrase));
  constexpr int kBatch = 20'000;
  const Bytes wrapped(60);
  for (int done = 0; done < bindings; done += kBatch) {
    TF_CHECK(opened->database->write([&](store::Session& session) -> Status {
      for (int i = done; i < std::min(bindings, done + kBatch); ++i) {
        const std::string key_id = wire::hex_lower(random_.array<16>()), did = fmt::format("FILLED{:07}", i), number = fmt::format("86138{:08}", i);
        TF_TRY(session.execute("INSERT INTO access_keys (key_id, service, did, msisdn, suite, kek, wrapped, created_ms, ends_ms, info, proved, made_by, status) "
                               "VALUES ($1, $2, $3, $4, 'modern', 'kek-1', $5, 0, 9999999999999, 'phone', 1, '', 'active')",
                               {std::string_view(key_id), std::string_view(kService), std::string_view(did), std::string_view(number), ByteView(wrapped)}));
      }
      return {};
    }));
  }
  opened.reset();
  return serve();
}

}  // namespace tf::bench
