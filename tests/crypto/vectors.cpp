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

JoseVector jose_vector(std::string_view kind) {
  auto document = wire::JsonObject::parse(contents(TRUSTFERRY_SOURCE_DIR "/vectors/jose_node.json"));
  for (wire::JsonObject& object : document.value().objects("objects", 100).value())
    if (object.text("kind").value() == kind)
      return {hex(object.text("key").value()), object.text("payload").value(), object.text("compact").value()};
  std::abort();
}

}  // namespace tf::test
