"""What a fake API server must read of requests in protobuf, which Go clients send by default
(kubernetes.io, "API concepts", Protobuf encoding; protobuf.dev, "Encoding")."""

MAGIC = b"k8s\0"


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def fields(data):
    """The values of a message by field number: integers, or bytes."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            assert kind == 2, "no object of ours has fixed-width fields"
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        found.setdefault(key >> 3, []).append(value)
    return found


def text(message, number):
    return message.get(number, [b""])[-1].decode()


def decode(body):
    """The members of an object that the fake looks at, as its JSON form would have them."""
    assert body.startswith(MAGIC)
    envelope = fields(body[len(MAGIC):])
    kind = fields(envelope[1][0])
    raw = fields(envelope[2][0])
    result = {"apiVersion": text(kind, 1), "kind": text(kind, 2),
              "metadata": {"name": text(fields(raw.get(1, [b""])[0]), 1)}}
    if result["kind"] == "TokenRequest":
        spec = fields(raw.get(2, [b""])[0])
        result["spec"] = {"expirationSeconds": spec[4][0]} if 4 in spec else {}
    return result
