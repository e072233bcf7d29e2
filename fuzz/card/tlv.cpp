// BER-TLV: objects follow each other without gap or overlap, and what is written is read as the same. Commands and answers alike.
#include <cstdlib>

#include "apdu/command.hpp"
#include "apdu/tlv.hpp"

using namespace tf;

namespace {

void objects(ByteView octets, int depth) {
  apdu::TlvReader reader(octets);
  while (!reader.at_end()) {
    const std::size_t before = reader.rest().size();
    const auto object = reader.next();
    if (!object) return;
    if (reader.rest().size() + object->value.size() >= before) std::abort();
    const Bytes again = apdu::tlv(object->tag, object->value);
    const auto same = apdu::only(again, object->tag);
    if (!same || to_bytes(*same) != to_bytes(object->value)) std::abort();
    if (depth < 4) objects(object->value, depth + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  objects({data, size}, 0);
  const auto command = apdu::CommandApdu::parse({data, size});
  if (!command) return 0;
  const auto encoded = command->encode();
  if (!encoded) std::abort();
  if (*encoded != to_bytes({data, size})) std::abort();
  return 0;
}
