#include "factory/station.hpp"

#include "base/log.hpp"
#include "net/local/stream.hpp"

namespace tf::factory {
namespace {

constexpr std::size_t kMaxFrame = 64 * 1024;
constexpr int kDeviceTimeoutMs = 5000;

Status serve_device(Loader& loader, net::LocalStream& device, FactorKind kind) {
  const auto request = TF_TRY(rki::decode_personalisation_request(TF_TRY(device.receive(kMaxFrame, kDeviceTimeoutMs))));
  const auto given = TF_TRY(loader.personalise(request, kind));
  TF_CHECK(device.send(rki::encode(given)));
  TF_CHECK(device.send(rki::encode(given.secrets)));
  const Hash256 stored = TF_TRY(rki::decode_stored(TF_TRY(device.receive(kMaxFrame, kDeviceTimeoutMs))));
  if (stored != TF_TRY(pki::Certificate::from_der(given.chain.front())).fingerprint())
    return Error{Code::refused, "factory.other_certificate", "the device stored another certificate than it was given"};
  TF_CHECK(loader.confirm(request.dsn, stored));
  return device.send(rki::encode_done());
}

}  // namespace

Result<std::int64_t> run_station(Loader& loader, const std::string& socket, FactorKind kind, const std::function<bool()>& stop) {
  auto listener = TF_TRY(net::LocalListener::bind(socket));
  std::int64_t done = 0;
  while (!stop()) {
    auto device = TF_TRY(listener.accept(100));
    if (!device) continue;
    if (const Status served = serve_device(loader, *device, kind); served) {
      ++done;
    } else {
      log::warn("a device was not personalised: " + describe(served.error()));
      if (!device->send(rki::encode_refusal(served.error()))) log::warn("and could not be told");
    }
  }
  return done;
}

}  // namespace tf::factory
