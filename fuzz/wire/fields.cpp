// The reader of length-prefixed fields. What is read in whole is written again byte for byte.
#include <cstdlib>

#include "wire/fields.hpp"

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  wire::FieldReader reader(input);
  wire::FieldWriter writer;
  while (!reader.finish()) {
    const auto field = reader.field(64);
    if (!field) return 0;
    if (field->size() > 64) std::abort();
    if (field->size() == 8) {
      const Bytes alone = wire::FieldWriter().field(*field).take();
      wire::FieldReader again(alone);
      writer.number(again.number().value());
    } else {
      writer.field(*field);
    }
  }
  if (writer.take() != to_bytes(input)) std::abort();
  return 0;
}
