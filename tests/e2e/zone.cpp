#include "tests/e2e/zone.hpp"

#include "base/ports.hpp"
#include "tests/e2e/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::test {

std::string kcv_of(const std::string& algorithm, const std::string& key) {
  return json_of(trustferry({"tool", "kcv", "--alg", algorithm, "--key", "-", "--json"}, key).out).text("kcv").value();
}

Zone zone_named(const std::string& name, const std::string& algorithm) {
  SystemRandom random;
  const std::size_t size = algorithm == "aes" ? 32 : 24;
  auto first = random.array<32>();
  const auto second = random.array<32>();
  Zone out{name, algorithm, {wire::hex_upper(ByteView(first).first(size)), wire::hex_upper(ByteView(second).first(size))}, {}};
  for (std::size_t i = 0; i < size; ++i) first[i] ^= second[i];
  out.key = wire::hex_upper(ByteView(first).first(size));
  return out;
}

Finished add_component(const Zone& zone, int number, const std::string& custodian, std::string kcv) {
  const std::string& component = zone.components[number];
  if (kcv.empty()) kcv = kcv_of(zone.algorithm, component);
  const std::string directory = Scene::get().platform();
  return trustferry({"keys", "zone", "add", zone.name, "--as", custodian, "--algorithm", zone.algorithm, "--component", component, "--kcv", kcv,
                     "--directory", directory, "--json"});
}

Zone made_zone(const std::string& name, const std::string& algorithm) {
  Zone zone = zone_named(name, algorithm);
  EXPECT_EQ(add_component(zone, 0, "custodian-1").exit_code, 0);
  const Finished last = add_component(zone, 1, "custodian-2");
  EXPECT_EQ(last.exit_code, 0) << last.err;
  return zone;
}

std::vector<Exported> export_keys(const Zone& zone, const std::string& serial) {
  std::vector<Exported> out;
  auto answer = Scene::get().ask({"keys", "export", serial, "--zone", zone.name});
  for (auto& key : answer.objects("keys", 100).value()) out.push_back({key.text("slot").value(), key.text("kcv").value(), key.text("block").value()});
  return out;
}

wire::JsonObject open_block(const Zone& zone, const std::string& block) {
  return json_of(trustferry({"tool", "keyblock", "decode", "--kbpk", zone.key, block, "--json"}).out);
}

}  // namespace tf::test
