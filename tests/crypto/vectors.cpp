#include "tests/crypto/vectors.hpp"

#include <fstream>
#include <sstream>

#include "wire/json.hpp"

namespace tf::test {
namespace {

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) std::abort();
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

wire::JsonObject document(const std::string& file) {
  return wire::JsonObject::parse(contents(TRUSTFERRY_SOURCE_DIR "/vectors/" + file), {.size = 1 << 20, .depth = 8}).value();
}

SecretBytes digits(wire::JsonObject& object, std::string_view name) { return SecretBytes(as_bytes(object.text(name).value())); }
Bytes hex_of(wire::JsonObject& object, std::string_view name) { return hex(object.text(name).value()); }

void read_into(std::vector<BlockVector>& out, const std::string& file) {
  auto document = wire::JsonObject::parse(contents(TRUSTFERRY_SOURCE_DIR "/vectors/" + file), {.size = 1 << 20, .depth = 8});
  for (wire::JsonObject& block : document.value().objects("blocks", 1000).value()) {
    const bool has_kcv = block.has("kcv");
    out.push_back({block.text("id").value(), hex(block.text("kbpk").value()), hex(block.text("key").value()),
                   has_kcv ? block.text("kcv").value() : "", block.text("block", 9999).value()});
  }
}

}  // namespace

Bytes hex(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != ' ' && c != '\n') digits.push_back(c);
  return wire::from_hex(digits).value();
}

std::vector<BlockVector> key_block_vectors() {
  std::vector<BlockVector> out;
  read_into(out, "key_block.json");
  read_into(out, "key_block_node.json");
  return out;
}

std::vector<PinVector> pin_vectors() {
  std::vector<PinVector> out;
  for (const char* file : {"pin/published.json", "pin/node.json"})
    for (wire::JsonObject& each : document(file).objects("blocks", 1000).value())
      out.push_back({each.text("id").value(), static_cast<int>(each.integer("format", 0, 4).value()), hex_of(each, "key"),
                     digits(each, "pin"), digits(each, "pan"), each.text("pad").value(), hex_of(each, "block")});
  return out;
}

std::vector<ClearPinVector> clear_pin_vectors() {
  std::vector<ClearPinVector> out;
  for (wire::JsonObject& each : document("pin/published.json").objects("clear", 100).value())
    out.push_back({each.text("id").value(), digits(each, "pin"), digits(each, "pan"), hex_of(each, "block")});
  return out;
}

std::vector<MacVector> mac_vectors() {
  std::vector<MacVector> out;
  for (const char* file : {"pin/published.json", "pin/node.json"})
    for (wire::JsonObject& each : document(file).objects("macs", 100).value())
      out.push_back({each.text("id").value(), hex_of(each, "key"), hex_of(each, "data"),
                     static_cast<int>(each.integer("padding", 1, 2).value()), hex_of(each, "mac")});
  return out;
}

JoseVector jose_vector(std::string_view kind) {
  auto document = wire::JsonObject::parse(contents(TRUSTFERRY_SOURCE_DIR "/vectors/jose_node.json"));
  for (wire::JsonObject& object : document.value().objects("objects", 100).value())
    if (object.text("kind").value() == kind)
      return {hex(object.text("key").value()), object.text("payload").value(), object.text("compact").value()};
  std::abort();
}

}  // namespace tf::test
