#include "terminal/cardsign/native_messages.hpp"

#include <cstring>

#include "protocols/cardsign/messages.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::terminal {
namespace {

constexpr std::int64_t kMostId = std::int64_t{1} << 53;  // what JavaScript counts exactly
constexpr std::size_t kMaxOrigin = 256;
constexpr std::size_t kMaxReader = 128;
constexpr wire::JsonLimits kLimits{.size = kMaxNativeMessage, .depth = 3};

Result<std::vector<Bytes>> commands_in(wire::JsonObject& object) {
  std::vector<Bytes> out;
  for (const std::string& text : TF_TRY(object.texts("commands", cardsign::kMaxCommands, cardsign::kMaxApdu * 4 / 3 + 2))) {
    out.push_back(TF_TRY(wire::from_base64url(text)));
    if (out.back().size() < 4 || out.back().size() > cardsign::kMaxApdu) return Error{Code::malformed, "bridge.message", "a command has another length"};
  }
  if (out.empty()) return Error{Code::malformed, "bridge.message", "a batch has one command at least"};
  return out;
}

Result<SecretBytes> secret_in(wire::JsonObject& object, std::string_view name) {
  std::string text = TF_TRY(object.text(name, 16));
  SecretBytes out(as_bytes(text));
  wipe(text.data(), text.size());
  return out;
}

Result<std::uint8_t> container_in(wire::JsonObject& object) {
  return object.has("container") ? static_cast<std::uint8_t>(TF_TRY(object.integer("container", 0, 15))) : std::uint8_t{0};
}

}  // namespace

Result<Bytes> native_frame(std::string_view message) {
  if (message.size() > kMaxNativeAnswer) return Error{Code::invalid, "bridge.too_long", "the browser takes no message above 1 MiB"};
  const auto size = static_cast<std::uint32_t>(message.size());
  Bytes out(sizeof size);
  std::memcpy(out.data(), &size, sizeof size);
  append(out, as_bytes(message));
  return out;
}

Result<SecretBytes> read_native_message(const ReadAll& read) {
  ByteArray<4> head;
  if (!TF_TRY(read(head))) return SecretBytes();
  std::uint32_t size = 0;
  std::memcpy(&size, head.data(), sizeof size);
  if (size == 0) return Error{Code::malformed, "bridge.empty", "an empty message"};
  if (size > kMaxNativeMessage) return Error{Code::malformed, "bridge.too_long", "a message of " + std::to_string(size) + " bytes"};
  SecretBytes out(size);
  if (!TF_TRY(read(out.reveal_mutable()))) return Error{Code::malformed, "bridge.cut", "the message is cut off"};
  return out;
}

Result<NativeRequest> decode_native_request(const SecretBytes& message) {
  auto object = TF_TRY(wire::JsonObject::parse(as_text(message.reveal()), kLimits));
  NativeRequest out{.id = TF_TRY(object.integer("id", 1, kMostId)), .origin = TF_TRY(object.text("origin", kMaxOrigin)), .what = AskReaders{}};
  const std::string op = TF_TRY(object.text("op", 16));
  if (op == "begin") {
    out.what = AskBegin{TF_TRY(object.optional_text("reader", kMaxReader)).value_or("")};
  } else if (op == "transmit") {
    out.what = AskTransmit{TF_TRY(commands_in(object))};
  } else if (op == "display") {
    std::string reply = TF_TRY(object.text("reply", cardsign::kMaxBody));
    out.what = AskDisplay{std::move(reply), TF_TRY(object.text("keys", cardsign::kMaxBody))};
  } else if (op == "pin") {
    out.what = AskPin{TF_TRY(secret_in(object, "pin"))};
  } else if (op == "pin_state") {
    out.what = AskPinState{TF_TRY(container_in(object))};
  } else if (op == "unblock") {
    const std::uint8_t container = TF_TRY(container_in(object));
    SecretBytes puk = TF_TRY(secret_in(object, "puk"));
    out.what = AskUnblock{container, std::move(puk), TF_TRY(secret_in(object, "pin"))};
  } else if (op == "end") {
    out.what = AskEnd{};
  } else if (op != "readers") {
    return Error{Code::malformed, "bridge.message", "no such operation"};
  }
  TF_CHECK(object.finish());
  return out;
}

std::int64_t native_id(const SecretBytes& message) {
  auto object = wire::JsonObject::parse(as_text(message.reveal()), kLimits);
  return object ? object->integer("id", 1, kMostId).value_or(0) : 0;
}

}  // namespace tf::terminal
