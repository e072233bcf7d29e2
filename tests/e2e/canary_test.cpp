// Secrets that the test knows are looked for in everything the platform leaves behind, in every spelling.
#include <gmock/gmock.h>

#include <filesystem>

#include "crypto/storage_key.hpp"
#include "factory/loader.hpp"
#include "pki/key_file.hpp"
#include "tests/e2e/scene.hpp"
#include "tests/e2e/zone.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

namespace fs = std::filesystem;

struct Canary {
  std::string what;
  std::string bytes;
};

std::string bytes_of(ByteView bytes) { return std::string(as_text(bytes)); }
std::string from_hex(const std::string& hex) { return bytes_of(wire::from_hex(hex).value()); }

// Base64 of the bytes wherever they stand in a longer text: by their place it has three spellings. The characters that
// neighbours share are left out.
std::vector<std::string> base64_spellings(const std::string& bytes, bool url) {
  std::vector<std::string> out;
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string padded = std::string(before, '\0') + bytes.substr(0, bytes.size() - (bytes.size() + before) % 3);
    const std::string text = url ? wire::base64url(as_bytes(padded)) : wire::base64(as_bytes(padded));
    out.push_back(text.substr(before == 0 ? 0 : before + 1));
  }
  return out;
}

std::vector<std::string> spellings(const std::string& bytes) {
  std::vector<std::string> out{bytes, wire::hex_upper(as_bytes(bytes)), wire::hex_lower(as_bytes(bytes))};
  for (const bool url : {false, true})
    for (const std::string& text : base64_spellings(bytes, url)) out.push_back(text);
  return out;
}

// The canaries found in the text.
std::vector<std::string> found_in(const std::string& text, const std::vector<Canary>& canaries) {
  std::vector<std::string> out;
  for (const Canary& canary : canaries)
    for (const std::string& spelling : spellings(canary.bytes))
      if (text.find(spelling) != std::string::npos) out.push_back(canary.what);
  return out;
}

std::string line_of(const std::string& file) {
  std::string text = read_text(file);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void add_passphrases(std::vector<Canary>& canaries) {
  canaries.push_back({"the vault's passphrase", line_of(Scene::get().passphrase_file())});
  canaries.push_back({"the root's passphrase", line_of(Scene::get().in("root-passphrase"))});
}

void add_zone(std::vector<Canary>& canaries, const Zone& zone) {
  for (const std::string& component : zone.components) canaries.push_back({"a component of " + zone.name, from_hex(component)});
  canaries.push_back({"the key of " + zone.name, from_hex(zone.key)});
}

void add_keys(std::vector<Canary>& canaries, const Zone& zone, const std::string& serial) {
  for (const Exported& key : export_keys(zone, serial))
    canaries.push_back({serial + " " + key.slot, from_hex(open_block(zone, key.block).text("key").value())});
}

void add_device(std::vector<Canary>& canaries, const Fleet& fleet, const std::string& serial) {
  const auto device = fleet.device(serial);
  if (device.identity.modern_dik2) canaries.push_back({serial + " DIK2", bytes_of(device.identity.modern_dik2->reveal())});
  if (!device.identity.classic_dik2.empty()) canaries.push_back({serial + " DIK2", bytes_of(device.identity.classic_dik2.reveal())});
}

void add_loader(std::vector<Canary>& canaries) {
  SystemClock clock;
  SystemRandom random;
  const std::string directory = Scene::get().in("loader");
  const auto key = crypto::storage_key_from_file(directory, random).value();
  const auto loader = factory::Loader::open(directory, key, {clock, random}).value();
  for (const auto& [name, batch] : loader.batches())
    for (const SecretBytes* dik1 : {&batch.classic_dik1, &batch.modern_dik1})
      if (!dik1->empty()) canaries.push_back({"DIK1 of batch " + name, bytes_of(dik1->reveal())});
}

void add_operators(std::vector<Canary>& canaries) {
  for (const char* name : {"administrator", "custodian-1", "custodian-2", "operator", "auditor"}) {
    const auto key = pki::private_key_from_pem(SecretBytes(as_bytes(read_text(Scene::get().platform() + "/operators/" + name + ".key"))), nullptr).value();
    canaries.push_back({std::string("private key of ") + name, bytes_of(key.to_pkcs8().reveal()).substr(36, 32)});  // RFC 5915 privateKey
  }
}

// What the platform writes: everything in its directory but the operators' own files, and its log.
std::vector<std::string> left_behind() {
  std::vector<std::string> out{Scene::get().server_log(), Scene::get().in("loader.log")};
  for (const auto& entry : fs::directory_iterator(Scene::get().platform()))
    if (entry.is_regular_file()) out.push_back(entry.path().string());
  return out;
}

TEST(Canaries, no_secret_is_found_in_anything_the_platform_leaves_behind) {
  Scene& scene = Scene::get();
  scene.serve();
  const Zone aes = made_zone("canary-aes", "aes");
  const Zone tdes = made_zone("canary-tdes", "tdes");
  const Zone half = zone_named("canary-half", "aes");
  EXPECT_EQ(add_component(half, 0, "custodian-1").exit_code, 0);
  EXPECT_NE(add_component(half, 1, "custodian-2", "000000").exit_code, 0);
  const Fleet fleet = scene.fleet(3, 3);
  ASSERT_EQ(scene.download(fleet).exit_code, 0);

  std::vector<Canary> canaries;
  add_passphrases(canaries);
  for (const Zone* zone : {&aes, &tdes, &half}) add_zone(canaries, *zone);
  for (const std::string& serial : fleet.all()) {
    add_keys(canaries, aes, serial);
    add_device(canaries, fleet, serial);
  }
  add_loader(canaries);
  add_operators(canaries);
  EXPECT_EQ(canaries.size(), 2U + 9U + 24U + 6U + 2U + 5U);
  for (const Canary& canary : canaries) ASSERT_GE(canary.bytes.size(), 16U) << canary.what;

  const auto files = left_behind();
  EXPECT_THAT(files, testing::IsSupersetOf({scene.database(), scene.database() + "-wal", scene.platform() + "/vault.json"}));
  for (const std::string& file : files) EXPECT_THAT(found_in(read_text(file), canaries), testing::IsEmpty()) << file;
  std::string audit;
  for (const auto& row : sql_rows(scene.database(), "SELECT actor || ' ' || action || ' ' || subject || ' ' || reason || ' ' || detail FROM audit_entries"))
    audit += row[0] + "\n";
  EXPECT_THAT(audit, testing::HasSubstr("zones.component"));
  EXPECT_THAT(found_in(audit, canaries), testing::IsEmpty());
  EXPECT_EQ(scene.stop(), 0);  // and after the last checkpoint of the write-ahead log
  for (const std::string& file : left_behind()) EXPECT_THAT(found_in(read_text(file), canaries), testing::IsEmpty()) << file;
}

TEST(Canaries, would_be_found_in_every_spelling_and_at_every_place) {
  const std::vector<Canary> canaries = {{"key", from_hex("8F3A5C7E9B1D2F406182A3C4E5F60718FBEFBEFF5D6E7F8091A2B3C4D5E6F708")}};
  const std::string& key = canaries[0].bytes;
  for (const std::string& spelled : {key, wire::hex_upper(as_bytes(key)), wire::hex_lower(as_bytes(key))})
    EXPECT_FALSE(found_in("before" + spelled + "after", canaries).empty()) << spelled;
  for (std::size_t before = 0; before < 6; ++before) {
    const std::string longer = std::string(before, 'x') + key + "and more";
    EXPECT_FALSE(found_in(wire::base64(as_bytes(longer)), canaries).empty()) << before;
    EXPECT_FALSE(found_in(wire::base64url(as_bytes(longer)), canaries).empty()) << before;
  }
  EXPECT_TRUE(found_in(wire::hex_upper(as_bytes(key.substr(1))), canaries).empty());
}

// The search reads the right files: what is public, and certainly there, is found in them.
TEST(Canaries, that_are_public_are_found_where_they_are) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(1, 0);
  const std::vector<Canary> canaries = {{"a serial", fleet.modern[0]}};
  std::size_t files = 0;
  for (const std::string& file : left_behind()) files += found_in(read_text(file), canaries).empty() ? 0 : 1;
  EXPECT_GE(files, 1U);
}

}  // namespace
}  // namespace tf::test
