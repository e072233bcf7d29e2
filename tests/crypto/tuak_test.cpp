#include "crypto/aka/tuak.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "crypto/aka/functions.hpp"
#include "tests/crypto/aka_support.hpp"
#include "tests/support/expect.hpp"
#include "wire/json.hpp"

namespace tf::crypto {
namespace {

using octets::fixed;
using octets::secret;

struct TuakSet {
  std::map<std::string, std::string> values;
  TuakForm form;
  [[nodiscard]] const std::string& operator[](const char* name) const { return values.at(name); }
  [[nodiscard]] SecretBytes k() const { return wire::secret_from_hex((*this)["k"]).value(); }
  [[nodiscard]] TuakKey key() const { return {secret<16>((*this)["k"]), secret<32>((*this)["topc"])}; }
  [[nodiscard]] Rand rand() const { return fixed<16>((*this)["rand"]); }
  [[nodiscard]] std::uint64_t sqn() const { return sqn_of_octets(fixed<6>((*this)["sqn"])); }
  [[nodiscard]] Amf amf() const { return fixed<2>((*this)["amf"]); }
};

std::vector<TuakSet> tuak_sets(const char* name) {
  const Bytes text = read_file(std::string(TRUSTFERRY_SOURCE_DIR) + "/vectors/tuak/" + name, 1 << 16).value();
  auto file = wire::JsonObject::parse(as_text(text)).value();
  (void)file.text("origin").value();
  std::vector<TuakSet> out;
  for (auto& each : file.objects("sets", 100).value()) {
    TuakSet set;
    for (const char* value : {"k", "rand", "sqn", "amf", "top", "topc", "mac_a", "mac_s", "res", "ak", "ck", "ik", "ak_s"}) set.values[value] = each.text(value).value();
    set.form = {set["mac_a"].size() / 2, set["res"].size() / 2, set["ck"].size() / 2, set["ik"].size() / 2, static_cast<unsigned>(each.integer("iterations", 1, 255).value())};
    out.push_back(std::move(set));
  }
  return out;
}

template <class Out>
void expect_outputs(const Out& out, const TuakSet& set) {
  EXPECT_EQ(wire::hex_lower(out.mac_a.reveal()), set["mac_a"]);
  EXPECT_EQ(wire::hex_lower(out.mac_s.reveal()), set["mac_s"]);
  EXPECT_EQ(wire::hex_lower(out.res.reveal()), set["res"]);
  EXPECT_EQ(wire::hex_lower(out.ck.reveal()), set["ck"]);
  EXPECT_EQ(wire::hex_lower(out.ik.reveal()), set["ik"]);
  EXPECT_EQ(wire::hex_lower(out.ak.reveal()), set["ak"]);
  EXPECT_EQ(wire::hex_lower(out.ak_s.reveal()), set["ak_s"]);
}

TEST(Tuak, agrees_with_the_standards_test_sets_in_all_their_sizes) {
  const auto sets = tuak_sets("published.json");
  ASSERT_EQ(sets.size(), 6U);
  for (const TuakSet& set : sets) {
    SCOPED_TRACE(set["mac_a"]);
    EXPECT_EQ(wire::hex_lower(tuak_topc(set.k(), secret<32>(set["top"]), set.form.iterations).value().reveal()), set["topc"]);
    expect_outputs(tuak_outputs(set.k(), secret<32>(set["topc"]), set.rand(), set.sqn(), set.amf(), set.form).value(), set);
  }
}

TEST(Tuak, agrees_with_another_implementation_in_the_sizes_of_the_system) {
  const auto sets = tuak_sets("node.json");
  ASSERT_EQ(sets.size(), 8U);
  for (const TuakSet& set : sets) {
    SCOPED_TRACE(set["k"]);
    EXPECT_EQ(wire::hex_lower(tuak_topc(set.k(), secret<32>(set["top"])).value().reveal()), set["topc"]);
    expect_outputs(tuak_outputs(set.k(), secret<32>(set["topc"]), set.rand(), set.sqn(), set.amf()).value(), set);
    expect_outputs(Tuak(set.key()).outputs(set.rand(), set.sqn(), set.amf()), set);
    expect_outputs(AkaFunctions(set.key()).outputs(set.rand(), set.sqn(), set.amf()), set);
  }
}

TEST(Tuak, makes_vectors_of_its_functions) {
  const TuakSet set = tuak_sets("node.json")[2];
  std::vector<Rand> rands(5);
  std::vector<std::uint64_t> sqns(5);
  for (std::size_t i = 0; i < rands.size(); ++i) {
    rands[i].fill(static_cast<std::uint8_t>(i * 7 + 1));
    sqns[i] = 1000 + i * 32;
  }
  std::vector<AkaVector> out(5);
  Tuak functions(set.key());
  functions.vectors(rands, sqns, set.amf(), out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const AkaOutputs one = functions.outputs(rands[i], sqns[i], set.amf());
    EXPECT_EQ(out[i].rand, rands[i]);
    EXPECT_EQ(out[i].res, one.res);
    EXPECT_EQ(out[i].ck, one.ck);
    EXPECT_EQ(out[i].ik, one.ik);
    EXPECT_TRUE(equal_in_constant_time(ByteView(out[i].autn).last(8), one.mac_a.reveal()));
    EXPECT_TRUE(std::ranges::equal(std::span(out[i].autn).subspan(6, 2), set.amf()));
    const ByteArray<6> sqn = sqn_octets(sqns[i]);
    for (std::size_t octet = 0; octet < 6; ++octet) EXPECT_EQ(out[i].autn[octet], sqn[octet] ^ one.ak.reveal()[octet]);
  }
}

TEST(Tuak, refuses_sizes_that_the_standard_does_not_have) {
  const auto outputs = [](std::size_t k, const TuakForm& form) { return tuak_outputs(SecretBytes(k), {}, {}, 0, {}, form); };
  EXPECT_OK(outputs(16, {}));
  EXPECT_OK(outputs(32, {32, 4, 32, 32, 255}));
  for (const std::size_t k : {0U, 15U, 24U, 33U}) {
    EXPECT_REFUSED(outputs(k, {}), Code::invalid, "aka.tuak");
    EXPECT_REFUSED(tuak_topc(SecretBytes(k), {}), Code::invalid, "aka.tuak");
  }
  for (const TuakForm& form : {TuakForm{.mac = 4}, TuakForm{.mac = 24}, TuakForm{.res = 0}, TuakForm{.res = 64}, TuakForm{.ck = 8}, TuakForm{.ik = 24}, TuakForm{.iterations = 0},
                               TuakForm{.iterations = 256}})
    EXPECT_REFUSED(outputs(16, form), Code::invalid, "aka.tuak");
  EXPECT_REFUSED(tuak_topc(SecretBytes(16), {}, 0), Code::invalid, "aka.tuak");
}

TEST(AkaKey, its_length_says_its_algorithm) {
  const AkaKey milenage = octets::test_key();
  const AkaKey tuak = tuak_sets("node.json")[0].key();
  EXPECT_EQ(milenage.algorithm(), AkaAlgorithm::milenage);
  EXPECT_EQ(tuak.algorithm(), AkaAlgorithm::tuak);
  for (const AkaKey* key : {&milenage, &tuak}) {
    EXPECT_EQ(key->octets().size(), aka_key_size(key->algorithm()));
    EXPECT_EQ(AkaKey::of(key->octets().clone()).value(), *key);
    EXPECT_EQ(AkaKey::of(key->k(), key->opc()).value(), *key);
    EXPECT_EQ(parse_aka_algorithm(name_of(key->algorithm())).value(), key->algorithm());
  }
  EXPECT_FALSE(milenage == tuak);
  EXPECT_EQ(milenage.milenage(), octets::test_key());
  EXPECT_EQ(tuak.tuak(), tuak_sets("node.json")[0].key());
  for (const std::size_t size : {0U, 16U, 31U, 33U, 47U, 49U, 64U}) EXPECT_REFUSED(AkaKey::of(SecretBytes(size)), Code::malformed, "aka.key");
  EXPECT_REFUSED(AkaKey::of(Bytes(32), Bytes(16)), Code::malformed, "aka.key");
  EXPECT_REFUSED(AkaKey::of(Bytes(16), Bytes(24)), Code::malformed, "aka.key");
  EXPECT_REFUSED(parse_aka_algorithm("comp128"), Code::invalid, "aka.algorithm");
}

}  // namespace
}  // namespace tf::crypto
