#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <cstring>
#include <memory>
#include <ostream>
#include <type_traits>

namespace tf {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

// Secrets move, and nothing else.
static_assert(!std::is_copy_constructible_v<Secret<32>> && !std::is_copy_assignable_v<Secret<32>>);
static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<Secret<32>> && std::is_nothrow_move_assignable_v<Secret<32>>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes> && std::is_nothrow_move_assignable_v<SecretBytes>);
static_assert(!Printable<Secret<32>> && !Printable<SecretBytes>);
static_assert(!std::convertible_to<Secret<32>, ByteView> && !std::convertible_to<SecretBytes, ByteView>);

Secret<4> four() { return Secret<4>(ByteArray<4>{1, 2, 3, 4}); }
SecretBytes bytes_of(std::string_view text) { return SecretBytes(as_bytes(text)); }
bool all_zero(ByteView bytes) {
  unsigned any = 0;
  for (const std::uint8_t byte : bytes) any |= byte;
  return any == 0;
}

TEST(Secret, starts_as_zeros) { EXPECT_TRUE(all_zero(Secret<32>().reveal())); }

TEST(Secret, leaves_zeros_where_it_moved_from) {
  Secret<4> from = four();
  const Secret<4> to(std::move(from));
  EXPECT_TRUE(to == four());
  EXPECT_TRUE(all_zero(from.reveal()));  // NOLINT(bugprone-use-after-move): that is the point
  Secret<4> assigned;
  Secret<4> other = four();
  assigned = std::move(other);
  EXPECT_TRUE(assigned == four());
  EXPECT_TRUE(all_zero(other.reveal()));  // NOLINT(bugprone-use-after-move)
}

TEST(Secret, survives_being_moved_onto_itself) {
  Secret<4> secret = four();
  Secret<4>& same = secret;
  secret = std::move(same);
  EXPECT_TRUE(secret == four());
}

TEST(Secret, is_wiped_at_the_end_of_its_life) {
  alignas(Secret<32>) std::array<std::uint8_t, sizeof(Secret<32>)> place{};
  ByteArray<32> content;
  content.fill(0xa5);
  auto* secret = std::construct_at(reinterpret_cast<Secret<32>*>(place.data()), content);
  EXPECT_FALSE(all_zero(place));
  std::destroy_at(secret);
  EXPECT_TRUE(all_zero(place));
}

TEST(Secret, is_cloned_by_name_only) {
  const Secret<4> secret = four();
  EXPECT_TRUE(secret.clone() == secret);
}

TEST(SecretBytes, is_empty_where_it_moved_from) {
  SecretBytes from = bytes_of("secret");
  const SecretBytes to(std::move(from));
  EXPECT_TRUE(to == bytes_of("secret"));
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move)
  SecretBytes assigned = bytes_of("older and longer");
  SecretBytes other = bytes_of("newer");
  assigned = std::move(other);
  EXPECT_TRUE(assigned == bytes_of("newer"));
  EXPECT_TRUE(other.empty());  // NOLINT(bugprone-use-after-move)
}

TEST(SecretBytes, survives_being_moved_onto_itself) {
  SecretBytes secret = bytes_of("secret");
  SecretBytes& same = secret;
  secret = std::move(same);
  EXPECT_TRUE(secret == bytes_of("secret"));
}

TEST(SecretBytes, wipes_what_falls_off_when_shortened) {
  SecretBytes secret = bytes_of("secret and more");
  const std::uint8_t* behind = secret.reveal().data();
  secret.shorten(6);
  EXPECT_TRUE(secret == bytes_of("secret"));
  EXPECT_EQ(secret.reveal().data(), behind) << "the storage stayed, so what lies behind can be looked at";
  secret.shorten(100);
  EXPECT_EQ(secret.size(), 6U);
}

TEST(SecretBytes, is_empty_when_cleared) {
  SecretBytes secret = bytes_of("secret");
  secret.clear();
  EXPECT_TRUE(secret.empty());
}

TEST(SecretBytes, a_clone_is_a_copy_of_its_own) {
  SecretBytes secret = bytes_of("secret");
  const SecretBytes copy = secret.clone();
  secret.reveal_mutable()[0] = 'S';
  EXPECT_TRUE(copy == bytes_of("secret"));
  EXPECT_FALSE(copy == secret);
}

TEST(Wipe, writes_zeros_over_all_of_it_and_accepts_nothing) {
  ByteArray<33> bytes;
  bytes.fill(0xff);
  wipe(bytes.data(), bytes.size());
  EXPECT_TRUE(all_zero(bytes));
  wipe(nullptr, 0);
}

TEST(EqualInConstantTime, is_equality_of_length_and_content) {
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_TRUE(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), {}));
  EXPECT_FALSE(equal_in_constant_time(as_bytes(std::string_view("a\0b", 3)), as_bytes(std::string_view("a\0c", 3))));
}

}  // namespace
}  // namespace tf
