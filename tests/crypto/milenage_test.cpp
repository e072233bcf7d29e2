#include "crypto/aka/milenage.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "tests/crypto/aka_support.hpp"
#include "wire/json.hpp"

namespace tf::crypto {
namespace {

using octets::fixed;
using octets::key_of;
using octets::secret;

using Set = std::map<std::string, std::string>;

std::vector<Set> sets() {
  const Bytes text = read_file(std::string(TRUSTFERRY_SOURCE_DIR) + "/vectors/milenage/published.json", 1 << 16).value();
  auto file = wire::JsonObject::parse(as_text(text)).value();
  (void)file.text("origin").value();
  std::vector<Set> out;
  for (auto& each : file.objects("sets", 100).value()) {
    Set set;
    for (const char* name : {"k", "rand", "sqn", "amf", "op", "opc", "mac_a", "mac_s", "res", "ak", "ck", "ik", "ak_s"}) set[name] = each.text(name).value();
    out.push_back(std::move(set));
  }
  EXPECT_EQ(out.size(), 6U);
  return out;
}

std::uint64_t sqn_of(const Set& set) { return sqn_of_octets(fixed<6>(set.at("sqn"))); }

// What osmo-auc-gen prints: "NAME:\tvalue", one a line.
std::map<std::string, std::string> osmo(const Set& set) {
  const std::string command = "osmo-auc-gen -3 -a milenage -k " + set.at("k") + " -o " + set.at("opc") + " -f " + set.at("amf") + " -s " +
                              std::to_string(sqn_of(set)) + " -r " + set.at("rand") + " 2>&1";
  std::map<std::string, std::string> out;
  FILE* pipe = ::popen(command.c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  char line[256];
  while (std::fgets(line, sizeof line, pipe) != nullptr) {
    const std::string text(line, std::string_view(line).find_last_not_of('\n') + 1);
    if (const auto colon = text.find(":\t"); colon != std::string::npos) out[text.substr(0, colon)] = text.substr(colon + 2);
  }
  EXPECT_EQ(::pclose(pipe), 0) << "osmo-auc-gen (package libosmocore-utils) is needed: " << command;
  return out;
}

TEST(Milenage, agrees_with_the_standards_test_sets) {
  for (const Set& set : sets()) {
    SCOPED_TRACE(set.at("k"));
    EXPECT_EQ(wire::hex_lower(milenage_opc(secret<16>(set.at("k")), secret<16>(set.at("op"))).reveal()), set.at("opc"));
    Milenage functions(key_of(set.at("k"), set.at("opc")));
    const AkaOutputs out = functions.outputs(fixed<16>(set.at("rand")), sqn_of(set), fixed<2>(set.at("amf")));
    EXPECT_EQ(wire::hex_lower(out.mac_a.reveal()), set.at("mac_a"));
    EXPECT_EQ(wire::hex_lower(out.mac_s.reveal()), set.at("mac_s"));
    EXPECT_EQ(wire::hex_lower(out.res.reveal()), set.at("res"));
    EXPECT_EQ(wire::hex_lower(out.ck.reveal()), set.at("ck"));
    EXPECT_EQ(wire::hex_lower(out.ik.reveal()), set.at("ik"));
    EXPECT_EQ(wire::hex_lower(out.ak.reveal()), set.at("ak"));
    EXPECT_EQ(wire::hex_lower(out.ak_s.reveal()), set.at("ak_s"));
  }
}

TEST(Milenage, agrees_with_osmo_auc_gen) {
  for (const Set& set : sets()) {
    SCOPED_TRACE(set.at("k"));
    Milenage functions(key_of(set.at("k"), set.at("opc")));
    const Rand rands[] = {fixed<16>(set.at("rand"))};
    auto theirs = osmo(set);
    const std::uint64_t sqns[] = {sqn_of(set)};
    AkaVector ours[1];
    functions.vectors(rands, sqns, fixed<2>(set.at("amf")), ours);
    EXPECT_EQ(wire::hex_lower(ours[0].autn), theirs["AUTN"]);
    EXPECT_EQ(wire::hex_lower(ours[0].res.reveal()), theirs["RES"]);
    EXPECT_EQ(wire::hex_lower(ours[0].ck.reveal()), theirs["CK"]);
    EXPECT_EQ(wire::hex_lower(ours[0].ik.reveal()), theirs["IK"]);
  }
}

TEST(Milenage, many_vectors_at_once_are_those_made_one_by_one) {
  const Set set = sets()[1];
  Milenage functions(key_of(set.at("k"), set.at("opc")));
  const Amf amf = fixed<2>(set.at("amf"));
  for (const std::size_t count : {0U, 1U, 31U, 32U, 33U, 100U}) {
    std::vector<Rand> rands(count);
    std::vector<std::uint64_t> sqns(count);
    for (std::size_t i = 0; i < count; ++i) {
      rands[i].fill(static_cast<std::uint8_t>(i * 7 + 1));
      sqns[i] = 1000 + i * 32;
    }
    std::vector<AkaVector> out(count);
    functions.vectors(rands, sqns, amf, out);
    for (std::size_t i = 0; i < count; ++i) {
      const AkaOutputs one = functions.outputs(rands[i], sqns[i], amf);
      EXPECT_EQ(out[i].rand, rands[i]);
      EXPECT_EQ(out[i].res, one.res);
      EXPECT_EQ(out[i].ck, one.ck);
      EXPECT_EQ(out[i].ik, one.ik);
      EXPECT_TRUE(equal_in_constant_time(ByteView(out[i].autn).last(8), one.mac_a.reveal()));
      ByteArray<6> sqn = sqn_octets(sqns[i]);
      for (std::size_t octet = 0; octet < 6; ++octet) EXPECT_EQ(out[i].autn[octet], sqn[octet] ^ one.ak.reveal()[octet]);
    }
  }
}

TEST(Milenage, one_context_serves_one_key_after_another) {
  const auto all = sets();
  Milenage functions(key_of(all[0].at("k"), all[0].at("opc")));
  for (const Set& set : all) {
    functions.use(key_of(set.at("k"), set.at("opc")));
    EXPECT_EQ(wire::hex_lower(functions.outputs(fixed<16>(set.at("rand")), sqn_of(set), fixed<2>(set.at("amf"))).res.reveal()), set.at("res"));
  }
}

TEST(Milenage, an_sqn_keeps_its_octets) {
  for (const std::uint64_t sqn : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x123456789abc}, kMaxSqn}) EXPECT_EQ(sqn_of_octets(sqn_octets(sqn)), sqn);
  EXPECT_EQ(wire::hex_lower(sqn_octets(0x123456789abc)), "123456789abc");
}

}  // namespace
}  // namespace tf::crypto
