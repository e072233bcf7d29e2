// Notifications: what is read can be written and reads the same; what proves itself was written exactly so.
#include "dm/package0.hpp"
#include "fuzz/round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tf;
  using fuzz::demand;
  const ByteView in(data, size);
  const Bytes nonce(16, 7);
  const auto first = dm::decode_notification(in);
  if (!first) return 0;
  const auto server = dm::make_credential(first->server, SecretBytes(as_bytes("password")));
  if (!server) return 0;
  const auto written = dm::encode(*first, *server, nonce);
  demand(written.has_value());
  demand(*dm::open_notification(*written, *server, nonce) == *first);
  const bool same = Bytes(in.begin(), in.end()) == *written;
  demand(dm::open_notification(in, *server, nonce).has_value() == same);
  return 0;
}
