"""Which network a visitor comes from, as a keyed hash: enough to count, not to tell who."""

from ipaddress import ip_address, ip_network

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from clinic.security import client_address

IPV6_PREFIX = 64  # one household or one phone has a whole /64 and changes addresses inside it


def network_key(request: HttpRequest) -> str:
    """The same text for visitors behind the same address (IPv6: the same /64); useless without our secret key."""
    address = ip_address(client_address(request))
    network = ip_network((address, IPV6_PREFIX), strict=False) if address.version == 6 else address
    return salted_hmac("bookings.network", str(network), algorithm="sha256").hexdigest()
