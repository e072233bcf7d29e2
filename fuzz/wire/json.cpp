// The JSON reader and everything that fetches a member. A text that was read is written, and read the same again.
#include <cstdlib>

#include "wire/json.hpp"

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto object = wire::JsonObject::parse({reinterpret_cast<const char*>(data), size});
  if (!object) return 0;
  if (const auto text = object->text("a", 100)) {
    const std::string written = wire::JsonWriter().begin_object().member("a", *text).end_object().take();
    auto again = wire::JsonObject::parse(written);
    if (!again || again->text("a", 100).value() != *text || !again->finish()) std::abort();
  }
  if (const auto number = object->integer("a", -1000, 1000); number && (*number < -1000 || *number > 1000)) std::abort();
  if (const auto truth = object->boolean("a"); truth && object->has("a") != true) std::abort();
  if (const auto texts = object->texts("a", 10, 10); texts && texts->size() > 10) std::abort();
  if (const auto bytes = object->base64url("a", 1, 10); bytes && (bytes->empty() || bytes->size() > 10)) std::abort();
  if (auto inner = object->object("a")) {
    if (const auto text = inner->optional_text("b", 10); text && *text && (*text)->size() > 10) std::abort();
    (void)inner->finish().has_value();
  }
  if (auto list = object->objects("a", 10); list && list->size() > 10) std::abort();
  (void)object->finish().has_value();
  return 0;
}
