from django.http import JsonResponse
from django.contrib.auth.decorators import login_not_required
@login_not_required
def health(request):
    return JsonResponse({"ok": True})
