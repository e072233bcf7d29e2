// Authentication vectors and AUTS.
#include <gmock/gmock.h>

#include <set>

#include "crypto/aka/usim.hpp"
#include "tests/vault/contract.hpp"

namespace tf::vault::test {
namespace {

using A = SymmetricAlgorithm;
using P = SymmetricPurpose;

constexpr std::string_view kKOpc = "465b5ce8b199b49faa5f0a2ee238a6bccd63cb71954a9f4e48a5994e37a02baf";
constexpr std::string_view kKTopc = "abababababababababababababababab"
                                    "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff";
const SymmetricSpec kSubscription{A::aes, 32, P::subscription};
const SymmetricSpec kTuak{A::hmac, 48, P::subscription};
constexpr crypto::Amf kAmf{0x80, 0x00};

struct Key {
  std::string_view hex;
  const SymmetricSpec& spec;
  [[nodiscard]] crypto::AkaKey opened() const { return crypto::AkaKey::of(secret_hex(hex)).value(); }
};
const Key kBoth[] = {{kKOpc, kSubscription}, {kKTopc, kTuak}};

TEST_P(VaultContract, makes_vectors_that_the_subscribers_usim_takes) {
  for (const Key& key : kBoth) {
    SCOPED_TRACE(key.hex);
    const Row row = wrapped(vault, key.hex, key.spec, {"hss", "001010000000001", 1});
    const std::uint64_t sqns[] = {33, 66, 99};
    const auto vectors = vault.aka_vectors(row.ref(), sqns, kAmf).value();
    ASSERT_EQ(vectors.size(), 3U);
    crypto::UsimSequence sequence;
    std::set<crypto::Rand> rands;
    for (const auto& vector : vectors) {
      const auto answer = crypto::aka_answer(key.opened(), sequence, vector.rand, vector.autn).value();
      const auto& accepted = std::get<crypto::AkaAccepted>(answer);
      EXPECT_EQ(accepted.res, vector.res);
      EXPECT_EQ(accepted.ck, vector.ck);
      EXPECT_EQ(accepted.ik, vector.ik);
      EXPECT_EQ(vector.autn[6], 0x80);
      rands.insert(vector.rand);
    }
    EXPECT_EQ(rands.size(), 3U);
    EXPECT_EQ(sequence.highest(), 99U);
  }
}

TEST_P(VaultContract, opens_auts_of_the_subscribers_usim_and_no_other) {
  for (const Key& key : kBoth) {
    SCOPED_TRACE(key.hex);
    const Row row = wrapped(vault, key.hex, key.spec, {"hss", "1", 1});
    const Row other = generated(vault, key.spec, {"hss", "2", 1});
    const std::uint64_t sqns[] = {33};
    const auto vector = std::move(vault.aka_vectors(row.ref(), sqns, kAmf).value().front());
    crypto::UsimSequence sequence;
    sequence.accept(4711U << crypto::kIndBits | 1);
    const auto auts = std::get<crypto::AkaOutOfSequence>(crypto::aka_answer(key.opened(), sequence, vector.rand, vector.autn).value()).auts;
    EXPECT_EQ(vault.open_auts(row.ref(), vector.rand, auts).value(), 4711U << crypto::kIndBits | 1);
    EXPECT_TRUE(fails_with(vault.open_auts(other.ref(), vector.rand, auts), Code::refused, "aka.mac_s"));
    EXPECT_TRUE(fails_with(vault.open_auts(row.ref(), {}, auts), Code::refused, "aka.mac_s"));
    EXPECT_TRUE(fails_with(vault.open_auts(row.ref(), vector.rand, {}), Code::refused, "aka.mac_s"));
  }
}

TEST_P(VaultContract, knows_a_subscription_key_again) {
  const Row row = wrapped(vault, kKOpc, kSubscription, {"hss", "1", 1});
  EXPECT_TRUE(vault.is_key(row.ref(), secret_hex(kKOpc)).value());
  std::string other(kKOpc);
  other.back() = 'e';
  EXPECT_FALSE(vault.is_key(row.ref(), secret_hex(other)).value());
  EXPECT_FALSE(vault.is_key(row.ref(), secret_hex(kKOpc.substr(32))).value());
  const Row tuak = wrapped(vault, kKTopc, kTuak, {"hss", "2", 1});
  EXPECT_TRUE(vault.is_key(tuak.ref(), secret_hex(kKTopc)).value());
  EXPECT_FALSE(vault.is_key(tuak.ref(), secret_hex(kKTopc.substr(0, 64))).value());
}

TEST_P(VaultContract, a_subscription_key_serves_for_nothing_else_and_no_other_key_for_it) {
  const auto refused = [](const auto& result) { return fails_with(result, Code::refused, "vault.wrong_purpose"); };
  const std::uint64_t sqns[] = {33};
  for (const SymmetricSpec& spec : {kAesTmk, kAesPin, kAesZone, kHmacDik1, SymmetricSpec(A::aes, 32, P::zone_mac)}) {
    const Row row = generated(vault, spec, {"t", "1", 1});
    EXPECT_TRUE(refused(vault.aka_vectors(row.ref(), sqns, kAmf)));
    EXPECT_TRUE(refused(vault.open_auts(row.ref(), {}, {})));
    EXPECT_TRUE(refused(vault.is_key(row.ref(), secret_hex(kKOpc))));
  }
  const Row row = generated(vault, kSubscription, {"hss", "1", 1});
  const Row zone = generated(vault, kAesZone, {"zones", "1", 1});
  crypto::KeyBlockHeader header;
  header.usage = "D0";
  header.algorithm = 'A';
  EXPECT_TRUE(refused(vault.export_block(row.ref(), zone.ref(), header)));
  EXPECT_TRUE(refused(vault.hmac_sha256(row.ref(), Bytes(1))));
  EXPECT_TRUE(refused(vault.zone_mac(row.ref(), Bytes(1), crypto::MacPadding::method_1)));
  const RowId elsewhere{"hss", "2", 1};
  EXPECT_TRUE(fails_with(vault.aka_vectors({row.wrapped, kSubscription, elsewhere}, sqns, kAmf), Code::integrity, "vault.row"));
  for (const SymmetricSpec& spec : {SymmetricSpec(A::aes, 16, P::subscription), SymmetricSpec(A::hmac, 32, P::subscription), SymmetricSpec(A::aes, 48, P::subscription),
                                    SymmetricSpec(A::hmac, 48, P::derive)})
    EXPECT_TRUE(fails_with(vault.generate(spec, {"t", "1", 1}), Code::invalid, "vault.spec"));
}

// The record fixes the algorithm: what was wrapped as one's key is not another's.
TEST_P(VaultContract, a_subscription_key_of_one_algorithm_is_none_of_the_other) {
  const RowId at{"hss", "1", 1};
  EXPECT_TRUE(fails_with(vault.wrap(secret_hex(kKTopc), kSubscription, at), Code::invalid, "vault.key_size"));
  EXPECT_TRUE(fails_with(vault.wrap(secret_hex(kKOpc), kTuak, at), Code::invalid, "vault.key_size"));
  EXPECT_TRUE(fails_with(vault.wrap(SecretBytes(48), kTuak, at), Code::refused, "vault.degenerate_key"));
  const std::uint64_t sqns[] = {33};
  for (const Key& key : kBoth) {
    const Row row = wrapped(vault, key.hex, key.spec, at);
    EXPECT_TRUE(fails_with(vault.aka_vectors({row.wrapped, key.spec == kTuak ? kSubscription : kTuak, at}, sqns, kAmf), Code::integrity, "vault.row"));
    const Wrapped fresh = vault.rewrap(row.ref()).value();
    EXPECT_TRUE(vault.is_key({fresh, key.spec, at}, secret_hex(key.hex)).value());
  }
}

TEST_P(VaultContract, refuses_more_vectors_than_it_makes_and_numbers_that_are_none) {
  const Row row = generated(vault, kSubscription, {"hss", "1", 1});
  const std::vector<std::uint64_t> many(kMaxVectors + 1, 1);
  const std::uint64_t large[] = {crypto::kMaxSqn + 1};
  EXPECT_TRUE(fails_with(vault.aka_vectors(row.ref(), many, kAmf), Code::invalid, "vault.vectors"));
  EXPECT_TRUE(fails_with(vault.aka_vectors(row.ref(), {}, kAmf), Code::invalid, "vault.vectors"));
  EXPECT_TRUE(fails_with(vault.aka_vectors(row.ref(), large, kAmf), Code::invalid, "vault.vectors"));
  vault.seal();
  EXPECT_TRUE(fails_with(vault.aka_vectors(row.ref(), std::vector<std::uint64_t>{1}, kAmf), Code::sealed, "vault.sealed"));
}

}  // namespace
}  // namespace tf::vault::test
