// Secured packets, scripts and their outcomes. What parses is written as the same; what was not sealed under the keys is not opened, and leaves the card as
// it was; what was sealed is opened as it was.
#include <cstdlib>

#include "apdu/secured_packet.hpp"
#include "card/memory/memory.hpp"
#include "card/memory/volatile_storage.hpp"
#include "card/ota/receiver.hpp"
#include "card/personalise.hpp"
#include "fuzz/round_trip.hpp"
#include "wire/fields.hpp"

using namespace tf;
using namespace tf::apdu::ota;
using fuzz::demand;

namespace {

Keys keys() { return {SecretBytes(ByteView(Bytes(16, 1))), SecretBytes(ByteView(Bytes(16, 2)))}; }

struct Scene {
  SystemRandom random;
  card::VolatileStorage storage;
  card::Memory memory{storage};
  card::Services services{memory, random};
  Scene() {
    const Bytes octets = wire::FieldWriter().field(Bytes(16, 1)).field(Bytes(16, 2)).number(1).take();
    demand(memory.reload().has_value() && memory.put("card/ota", SecretBytes(ByteView(octets))).has_value());
    demand(card::ota_keys(memory).has_value());
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Scene scene;
  const ByteView in(data, size);
  if (const auto script = parse_script(in)) demand(*parse_script(*encode_script(*script)) == *script);
  if (const auto outcome = parse_outcome(in)) demand(*parse_outcome(encode_outcome(*outcome)) == *outcome);
  demand(!open_command(in, keys()).has_value());
  demand(!open_response(in, keys(), kShieldTar, 0).has_value());
  const std::size_t before = scene.storage.commits();
  (void)card::ota::Receiver(scene.services).envelope(in);
  (void)card::ota::Receiver(scene.services).envelope(apdu::ota::envelope(in).data);
  demand(scene.storage.commits() == before);
  if (size == 0 || size > 4096) return 0;
  const auto sealed = seal_command({kShieldTar, 5, to_bytes(in)}, keys());
  demand(sealed.has_value() && open_command(*sealed, keys())->data == to_bytes(in));
  const auto proof = seal_response({kShieldTar, 5, ResponseStatus::ok, to_bytes(in)}, keys());
  demand(proof.has_value() && open_response(*proof, keys(), kShieldTar, 5)->data == to_bytes(in));
  return 0;
}
