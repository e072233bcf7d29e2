// The pieces of SCP03 that host and card have in common. Private to apdu.
#pragma once
#include <initializer_list>

#include "apdu/scp03.hpp"

namespace tf::apdu::scp03 {

inline constexpr std::size_t kChallengeSize = 8;

Bytes cmac(ByteView key, std::initializer_list<ByteView> parts);
Session make_session(const StaticKeys& keys, ByteView context, std::uint8_t level);
Bytes cryptogram(const Session& session, std::uint8_t constant, ByteView context);  // 8 octets
// The whole CMAC, which is the next chaining value; its first 8 octets go with the command. data: as it is sent, without the MAC.
Bytes command_mac(const Session& session, const CommandApdu& command, ByteView data);
Bytes answer_mac(const Session& session, ByteView chaining, ByteView data, StatusWord status);  // 8 octets
Result<Bytes> encrypt(const Session& session, std::uint64_t counter, bool answer, ByteView plain);
Result<SecretBytes> decrypt(const Session& session, std::uint64_t counter, bool answer, ByteView octets);
bool is_protected(StatusWord status);  // 9000 and warnings

}  // namespace tf::apdu::scp03
